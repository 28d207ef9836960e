"""GET, as often as possible. `http.client` because it costs the least: the client shares the cores."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection


def one_after_another(address: str, path: str, count: int) -> Sequence[float]:
    """Seconds of each of `count` requests on one kept-alive connection."""
    connection = HTTPConnection(address, timeout=30)
    try:
        _get(connection, path)  # opens it
        return [_get(connection, path) for _ in range(count)]
    finally:
        connection.close()


def side_by_side(address: str, path: str, *, connections: int, seconds: float) -> float:
    """Requests a second over `connections` kept-alive connections that each ask again at once."""
    with ThreadPoolExecutor(connections) as pool:
        started = time.perf_counter()
        counts = pool.map(lambda _: _ask_until(address, path, started + seconds), range(connections))
        return sum(counts) / (time.perf_counter() - started)


def _ask_until(address: str, path: str, deadline: float) -> int:
    connection = HTTPConnection(address, timeout=30)
    count = 0
    try:
        while time.perf_counter() < deadline:
            _get(connection, path)
            count += 1
        return count
    finally:
        connection.close()


def _get(connection: HTTPConnection, path: str) -> float:
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}.")
    return time.perf_counter() - started
