"""Bodies that are too large, or whose size is not announced, are refused before anybody reads them.

Django's ASGI handler writes the whole body to a temporary file before the first middleware runs, so refusing
takes two: `BodyLimit`, around the ASGI application, withholds the body, and the middleware `body_limit` gives
the answer, with its request id, its CORS headers and its line in the log. Under WSGI that one is enough.
"""

from collections.abc import Iterable
from typing import cast

from asgiref.sync import iscoroutinefunction
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, Scope
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from core.api.body_length import UNREADABLE, check_body_length
from core.api.errors import answer_for
from core.api.handlers import respond
from core.middleware import Async, Sync


@sync_and_async_middleware
def body_limit(get_response: Sync | Async) -> Sync | Async:
    """Middleware: 413, 411 or 400 for what `check_body_length` refuses."""
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            return _refusal(request) or await cast(Async, get_response)(request)

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        return _refusal(request) or cast(Sync, get_response)(request)

    return serve


def _refusal(request: HttpRequest) -> HttpResponseBase | None:
    try:
        check_body_length(
            content_length=request.META.get("CONTENT_LENGTH"),
            transfer_encoding=request.META.get("HTTP_TRANSFER_ENCODING"),
        )
    except UNREADABLE as error:
        return respond(request, answer_for(error))
    return None


class BodyLimit:
    """Wraps an ASGI application so that a body which will be refused is not even received.

    `application` then sees an empty body; its `body_limit` middleware, which sees the same headers, answers.
    """

    def __init__(self, application: ASGI3Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and _is_refused(scope["headers"]):
            receive = _without_body(receive)
        await self.application(scope, receive, send)


def _is_refused(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    def header(name: bytes) -> str | None:
        values = [value.decode("latin-1") for key, value in headers if key.lower() == name]
        return ",".join(values) or None

    try:
        check_body_length(
            content_length=header(b"content-length"), transfer_encoding=header(b"transfer-encoding")
        )
    except UNREADABLE:
        return True
    return False


def _without_body(receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    """An empty body, then, whenever it comes, the disconnect; what the client sends meanwhile is dropped."""
    told = False

    async def receive_nothing() -> ASGIReceiveEvent:
        nonlocal told
        if not told:
            told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (event := await receive())["type"] != "http.disconnect":
            pass
        return event

    return receive_nothing
