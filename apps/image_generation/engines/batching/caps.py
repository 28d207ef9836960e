"""How many requests pay together in one forward pass, measured once per model and device."""

import math
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
    seconds_of: Callable[[int], float], is_out_of_memory: Callable[[BaseException], bool]
) -> dict[int, float]:
    """Seconds of a pass of so many requests, up to the first size that does not pay at all, or for which
    there is no memory. `seconds_of(requests)` runs one.

    The sizes take turns: on a machine whose speed drifts, those measured later would look better or worse.
    """
    times = _worth_a_look(seconds_of, is_out_of_memory)
    for _ in range(ROUNDS):
        for requests, known in times.items():
            known.append(_affordable(seconds_of, requests, is_out_of_memory))
    return {requests: min(known) for requests, known in times.items() if math.inf not in known}


def best_seconds(seconds_of: Callable[[int], float], requests: int) -> float:
    """The best of five of `seconds_of(requests)`, after one that is not counted: noise only ever adds."""
    seconds_of(requests)
    return min(seconds_of(requests) for _ in range(ROUNDS))


def _worth_a_look(
    seconds_of: Callable[[int], float], is_out_of_memory: Callable[[BaseException], bool]
) -> dict[int, list[float]]:
    times: dict[int, list[float]] = {}
    for requests in SIZES:
        if _affordable(seconds_of, requests, is_out_of_memory) == math.inf:
            break
        times[requests] = [_affordable(seconds_of, requests, is_out_of_memory) for _ in range(LOOKS)]
        each = [min(known) / size for size, known in times.items()]
        if each[-1] > min(each):
            break
    return times


def _affordable(
    seconds_of: Callable[[int], float], requests: int, is_out_of_memory: Callable[[BaseException], bool]
) -> float:
    """The seconds; infinitely many where there is no memory for so many. What one alone raises is raised."""
    try:
        return seconds_of(requests)
    except Exception as error:
        if requests > 1 and is_out_of_memory(error):
            return math.inf
        raise
