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

    And an application that fails in the middle of an answer breaks the connection off; daphne would try to
    answer 500 and trip over that for good. It has no hook for either, so two methods of its are replaced.
    """
    Server.handle_reply = _handle_reply
    WebRequest.handle_exception = _handle_exception


_reply = Server.handle_reply
_answer_500 = WebRequest.handle_exception


async def _handle_reply(server: Server, protocol: Any, message: dict[str, Any]) -> None:
    if not isinstance(protocol, WebRequest) or message.get("type") != "http.response.body":
        await _reply(server, protocol, message)
        return
    valve = _valve(protocol, more=bool(message.get("more_body")))
    await _reply(server, protocol, message)
    if valve is not None:
        await valve.opened()


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
