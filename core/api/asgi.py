"""What kind of server a request came through."""

from rest_framework.request import Request

from core.exceptions import NoEngine


def is_asgi(request: Request) -> bool:
    """Whether a response can be streamed without a thread of its own; under WSGI it cannot."""
    return hasattr(request._request, "scope")


def check_can_stream(request: Request) -> None:
    """Raises NoEngine under WSGI, where a live stream would hold its thread for hours."""
    if not is_asgi(request):
        raise NoEngine("Live streams need an ASGI server (manage.py serve, daphne or gunicorn -k asgi).")
