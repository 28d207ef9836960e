"""Content types that cannot be read, or that nobody should try to read."""

from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.utils.http import parse_header_parameters

from core.middleware import Async, Sync

UNKNOWN = b"application/octet-stream"


@sync_and_async_middleware
def utf8_forms(get_response: Sync | Async) -> Sync | Async:
    """Middleware: forms are UTF-8, as JSON is, whatever they claim. Python decodes punycode in hours."""
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            request.encoding = settings.DEFAULT_CHARSET
            return await cast(Async, get_response)(request)

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        request.encoding = settings.DEFAULT_CHARSET
        return cast(Sync, get_response)(request)

    return serve


class ReadableContentType:
    """Wraps an ASGI application: a Content-Type with broken parameters becomes one that no view takes (415).

    Django reads them before the first middleware runs, and answers with HTML when that raises.
    """

    def __init__(self, application: ASGI3Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        await self.application(_readable(scope), receive, send)


def _readable(scope: Any) -> Scope:
    headers = [
        (name, value if name.lower() != b"content-type" or _can_be_read(value) else UNKNOWN)
        for name, value in scope.get("headers", ())
    ]
    return cast(Scope, {**scope, "headers": headers})


def _can_be_read(value: bytes) -> bool:
    try:
        parse_header_parameters(value.decode("latin-1"))
    except Exception:  # ValueError, TypeError, LookupError: whatever RFC 2231's encodings lead to
        return False
    return True
