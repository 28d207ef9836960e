"""Bodies that are too large, or whose size is not announced, are refused before anybody reads them.

Django's ASGI handler writes the whole body to a temporary file before the first middleware runs, so refusing
takes two: `BodyLimit`, around the ASGI application, withholds the body, and the middleware `body_limit` gives
the answer, with its request id, its CORS headers and its line in the log. Under WSGI that one is enough.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from asgiref.sync import iscoroutinefunction
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, Scope
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from core.api.errors import LengthRequired, answer_for
from core.api.handlers import respond
from core.exceptions import InvalidInput, TooLarge

_LENGTH = re.compile(r"[0-9]{1,18}")

Sync = Callable[[HttpRequest], HttpResponseBase]
Async = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


def check_body_length(*, content_length: str | None, transfer_encoding: str | None) -> None:
    """Raises the error for a body that must not be read, going by its headers (None: not sent).

    TooLarge above STUDIO_MAX_BODY_BYTES, LengthRequired for chunked bodies, InvalidInput for a length that is
    not a number. A request without either header has no body (RFC 9112, 6.3).
    """
    if transfer_encoding:
        raise LengthRequired
    if not content_length:
        return
    if not _LENGTH.fullmatch(content_length.strip()):
        raise InvalidInput("The Content-Length is not a number.", code="bad_content_length")
    limit: int = settings.STUDIO_MAX_BODY_BYTES
    if int(content_length) > limit:
        raise TooLarge(f"The body has {content_length.strip()} bytes; at most {limit} are accepted.")


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
    except (TooLarge, LengthRequired, InvalidInput) as error:
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
    except (TooLarge, LengthRequired, InvalidInput):
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
