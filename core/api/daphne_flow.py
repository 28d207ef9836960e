"""Flow control for daphne, which else takes whatever an application sends, however slowly the client reads.

A download would lie whole in the server's memory; a thousand slow clients, a thousand times.
"""

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
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
    """From now on `send` of a part of an answer, or of a WebSocket message, returns when the client has read
    most of what came before.

    WebSocket messages may be as large as they are: daphne's limit of 1 MiB is for those that come in, but
    autobahn holds those that go out to it as well. And an application that fails in the middle of an answer
    breaks the connection off; daphne would try to answer 500 and trip over that for good. It has no hook for
    any of this, so two methods of its are replaced.
    """
    Server.handle_reply = _handle_reply
    WebRequest.handle_exception = _handle_exception


_reply = Server.handle_reply
_answer_500 = WebRequest.handle_exception


async def _handle_reply(server: Server, protocol: Any, message: dict[str, Any]) -> None:
    if isinstance(protocol, WebSocketProtocol) and message.get("type") == "websocket.send":
        await _send_message(server, protocol, message)
        return
    if not isinstance(protocol, WebRequest) or message.get("type") != "http.response.body":
        await _reply(server, protocol, message)
        return
    valve = _valve(protocol, more=bool(message.get("more_body")))
    await _reply(server, protocol, message)
    if valve is not None:
        await valve.opened()


async def _send_message(server: Server, socket: WebSocketProtocol, message: dict[str, Any]) -> None:
    valve = _message_valve(socket)
    limit, socket.maxMessagePayloadSize = socket.maxMessagePayloadSize, 0
    try:
        await _reply(server, socket, message)  # which sends before anything else can come in
    finally:
        socket.maxMessagePayloadSize = limit
    await valve.opened()


def _message_valve(socket: WebSocketProtocol) -> Valve:
    valve: Valve | None = getattr(socket, "valve", None)
    if valve is None:
        valve = socket.valve = Valve()
        socket.transport.unregisterProducer()  # the HTTP channel that the connection has been
        socket.transport.registerProducer(valve, True)
    return valve


def _valve(request: WebRequest, *, more: bool) -> Valve | None:
    """What the next part has to wait for; None before the last, and when the connection is gone."""
    if getattr(request, "channel", None) is None:  # twisted deletes it with the end of the answer
        return None
    if not more:
        request.unregisterProducer()  # twisted wants that before the end
        return None
    if request.producer is None:
        request.registerProducer(Valve(), True)
    valve: Valve = request.producer
    return valve


def _handle_exception(request: WebRequest, exception: BaseException) -> None:
    if not request._response_started:
        _answer_500(request, exception)
    elif getattr(request, "channel", None) is not None:
        request.channel.transport.abortConnection()
