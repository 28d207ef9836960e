"""Which web pages may act for the anonymous caller, whom nothing but the way to this server identifies."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from rest_framework.request import Request

from core.exceptions import NotPermitted


def check_origin(request: Request) -> None:
    """Raises NotPermitted when a page of another site sent `request` without a credential.

    A browser sends a page's forms, and opens its WebSockets, to any address without asking. Unless they are
    refused, any page could use the studio on the machine of whoever looks at it. Programs send no Origin.
    """
    if request.auth is None and not _is_ours(request.META.get("HTTP_ORIGIN")):
        raise NotPermitted(
            "A page of another site may not do this without a credential. "
            "Send one, or add the page's origin to STUDIO_CORS_ORIGINS.",
            code="foreign_origin",
        )


def _is_ours(origin: str | None) -> bool:
    if not origin or origin in settings.CORS_ALLOWED_ORIGINS:
        return True
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)
