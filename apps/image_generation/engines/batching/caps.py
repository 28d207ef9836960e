"""How many requests pay together in one forward pass, measured once per model and device."""

import time
from collections.abc import Callable, Mapping

# A larger batch must make each request at least this much cheaper than the last one that paid.
GAIN = 0.05
SIZES = (1, 2, 4, 8, 16)
ROUNDS = 5


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
    """Seconds of `forward(requests)`; stops where a size no longer pays, or the memory ends."""
    seconds: dict[int, float] = {}
    for requests in SIZES:
        try:
            seconds[requests] = best_seconds(forward, requests)
        except Exception as error:
            if not (seconds and is_out_of_memory(error)):
                raise
            break
        if largest_paying(seconds) < requests:
            break
    return seconds


def best_seconds(forward: Callable[[int], object], requests: int) -> float:
    """The best of five of `forward(requests)`, after one that is not counted: noise only ever adds."""
    forward(requests)
    return min(_timed(forward, requests) for _ in range(ROUNDS))


def _timed(forward: Callable[[int], object], requests: int) -> float:
    started = time.perf_counter()
    forward(requests)
    return time.perf_counter() - started
