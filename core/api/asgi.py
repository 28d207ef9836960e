"""What kind of server a request came through."""

from rest_framework.request import Request


def is_asgi(request: Request) -> bool:
    """Whether a response can be streamed without a thread of its own; under WSGI it cannot."""
    return hasattr(request._request, "scope")
