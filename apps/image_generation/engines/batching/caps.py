"""How many requests pay together in one forward pass, measured once per model and device."""

import time
from collections.abc import Callable, Mapping

# A larger batch must make each request at least this much cheaper than the last one that paid: its members
# wait for one another, and less may as well be noise.
GAIN = 0.1
SIZES = (1, 2, 4, 8, 16)
ROUNDS = 5
LOOKS = 2


def largest_paying(seconds: Mapping[int, float]) -> int:
    """The largest batch that still pays. `seconds` are forward times by the number of requests, 1 among
    them.
    """
    best, cheapest = 1, seconds[1]
    for requests in sorted(seconds):
        each = seconds[requests] / requests
        if each <= cheapest * (1 - GAIN):
            best, cheapest = requests, each
    return best


def measure(
    forward: Callable[[int], object], is_out_of_memory: Callable[[BaseException], bool]
) -> dict[int, float]:
    """Seconds of `forward(requests)`, up to the first size that does not pay at all, or for which there is no
    memory.

    The sizes take turns: on a machine whose speed drifts, those measured later would look better or worse.
    """
    sizes = _worth_a_look(forward, is_out_of_memory)
    rounds = [{requests: _timed(forward, requests) for requests in sizes} for _ in range(ROUNDS)]
    return {requests: min(seconds[requests] for seconds in rounds) for requests in sizes}


def best_seconds(forward: Callable[[int], object], requests: int, rounds: int = ROUNDS) -> float:
    """The best of so many of `forward(requests)`, after one that is not counted: noise only ever adds."""
    forward(requests)
    return min(_timed(forward, requests) for _ in range(rounds))


def _worth_a_look(
    forward: Callable[[int], object], is_out_of_memory: Callable[[BaseException], bool]
) -> list[int]:
    each: dict[int, float] = {}
    for requests in SIZES:
        try:
            each[requests] = best_seconds(forward, requests, LOOKS) / requests
        except Exception as error:
            if not (each and is_out_of_memory(error)):
                raise
            break
        if each[requests] > min(each.values()):
            break
    return list(each)


def _timed(forward: Callable[[int], object], requests: int) -> float:
    started = time.perf_counter()
    forward(requests)
    return time.perf_counter() - started
