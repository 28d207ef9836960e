"""Content types that cannot be read, told apart before Django stumbles over them."""

from typing import Any, cast

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.utils.http import parse_header_parameters

UNKNOWN = b"application/octet-stream"


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
