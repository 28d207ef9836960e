"""Clients that ask as a load says, each on a connection of its own."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from docs.bench.batching.loads import Arrival, Load

PNG = b"\x89PNG"
# Every client's thread is up and asleep before the first one asks.
LEAD_SECONDS = 0.1


class Refused(Exception):
    """A server did not answer with a picture."""


@dataclass(frozen=True)
class Answer:
    """`finished`: seconds from the load's beginning to the picture's last byte."""

    arrival: Arrival
    finished: float
    png: bytes

    @property
    def latency(self) -> float:
        """Seconds from the moment at which the client was due to ask."""
        return self.finished - self.arrival.at


def ask(url: str, load: Load) -> list[Answer]:
    """One answer for each arrival, in the load's order. Raises Refused for anything but a PNG."""
    with ThreadPoolExecutor(len(load)) as pool:
        beginning = time.perf_counter() + LEAD_SECONDS
        return list(pool.map(lambda arrival: _ask_when_due(url, arrival, beginning), load))


def post(url: str, arrival: Arrival) -> bytes:
    """The picture. Raises Refused for anything but a PNG, OSError when nobody listens."""
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=300)
    try:
        headers = {"Content-Type": "application/json", "Accept": "image/png"}
        connection.request("POST", address.path, json.dumps(arrival.body()), headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status != 200 or not content.startswith(PNG):
        raise Refused(f"{url} answered {answer.status}: {content[:500]!r}")
    return content


def _ask_when_due(url: str, arrival: Arrival, beginning: float) -> Answer:
    time.sleep(max(0.0, beginning + arrival.at - time.perf_counter()))
    png = post(url, arrival)
    return Answer(arrival, time.perf_counter() - beginning, png)
