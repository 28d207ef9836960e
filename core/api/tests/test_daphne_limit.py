"""Daphne keeps only bodies that somebody will read."""

from typing import Any

import pytest
from daphne.http_protocol import WebRequest
from twisted.internet.testing import StringTransport
from twisted.web import http


class Received(WebRequest):
    """Daphne's request up to where it would call the application."""

    bodies: list[bytes]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        http.Request.__init__(self, *args, **kwargs)

    def process(self) -> None:
        self.content.seek(0, 0)
        self.bodies.append(self.content.read())

    def connectionLost(self, reason: Any) -> None:  # noqa: N802  Twisted's name
        http.Request.connectionLost(self, reason)


def bodies_of(head: str, *chunks: bytes) -> list[bytes]:
    channel = http.HTTPChannel()
    received: list[bytes] = []
    channel.requestFactory = type("Request", (Received,), {"bodies": received})
    channel.makeConnection(StringTransport())
    channel.dataReceived(f"POST / HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
    for chunk in chunks:
        channel.dataReceived(chunk)
    channel.setTimeout(None)
    return received


def test_a_body_within_the_limit_arrives(settings: Any) -> None:
    settings.STUDIO_MAX_BODY_BYTES = 10
    assert bodies_of("Content-Length: 10", b"hello", b"world") == [b"helloworld"]
    assert bodies_of("X-None: 1") == [b""]


@pytest.mark.parametrize("size", [11, 1000])
def test_a_larger_one_is_dropped_but_read_to_its_end(settings: Any, size: int) -> None:
    settings.STUDIO_MAX_BODY_BYTES = 10
    assert bodies_of(f"Content-Length: {size}", b"x" * (size - 1)) == []
    assert bodies_of(f"Content-Length: {size}", b"x" * (size - 1), b"x") == [b""]


def test_a_chunked_one_is_dropped() -> None:
    assert bodies_of("Transfer-Encoding: chunked", b"5\r\nhello\r\n", b"0\r\n\r\n") == [b""]
