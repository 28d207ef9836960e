"""Flow control for daphne, which else takes whatever an application sends, however slowly the client reads.

A download would lie whole in the server's memory; a thousand slow clients, a thousand times.
"""

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Valve:
    """Closed while the connection has more to send than twisted likes to hold (64 KiB)."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    async def opened(self) -> None:
        """Returns when the client has read enough, or has gone."""
        await self._open.wait()

    def pauseProducing(self) -> None:  # noqa: N802 - twisted's names
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._open.set()


def send_as_it_is_read() -> None:
    """From now on `send` of a part of an answer returns when the client has read most of what came before.

    Daphne has no hook for this, so the method of its server is replaced.
    """
    Server.handle_reply = _handle_reply


_reply = Server.handle_reply


async def _handle_reply(server: Server, protocol: Any, message: dict[str, Any]) -> None:
    if not isinstance(protocol, WebRequest) or message.get("type") != "http.response.body":
        await _reply(server, protocol, message)
        return
    valve = protocol.producer
    if message.get("more_body"):
        if valve is None and protocol.channel is not None:
            valve = Valve()
            protocol.registerProducer(valve, True)
    elif valve is not None and protocol.channel is not None:
        protocol.unregisterProducer()  # twisted wants that before the end
    await _reply(server, protocol, message)
    if valve is not None and message.get("more_body"):
        await valve.opened()
