"""GET, or POST where there is a body, as often as possible.

`http.client` because it costs the least: the client shares the cores.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection


def one_after_another(address: str, path: str, count: int) -> Sequence[float]:
    """Seconds of each of `count` requests on one kept-alive connection."""
    connection = HTTPConnection(address, timeout=30)
    try:
        _ask(connection, path)  # opens it
        return [_ask(connection, path) for _ in range(count)]
    finally:
        connection.close()


def side_by_side(
    address: str, path: str, *, connections: int, seconds: float, body: bytes | None = None
) -> float:
    """Requests a second over `connections` kept-alive connections that each ask again at once."""
    with ThreadPoolExecutor(connections) as pool:
        started = time.perf_counter()
        counts = pool.map(lambda _: _ask_until(address, path, started + seconds, body), range(connections))
        return sum(counts) / (time.perf_counter() - started)


def _ask_until(address: str, path: str, deadline: float, body: bytes | None) -> int:
    connection = HTTPConnection(address, timeout=30)
    count = 0
    try:
        while time.perf_counter() < deadline:
            _ask(connection, path, body)
            count += 1
        return count
    finally:
        connection.close()


def _ask(connection: HTTPConnection, path: str, body: bytes | None = None) -> float:
    started = time.perf_counter()
    headers = {} if body is None else {"Content-Type": "application/json"}
    connection.request("GET" if body is None else "POST", path, body=body, headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}.")
    return time.perf_counter() - started
