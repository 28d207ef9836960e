"""Who opens a WebSocket: the same credentials and rules as over HTTP, read from the handshake."""

from io import BytesIO
from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.accounts.authentication import ApiKeyAuthentication, BearerAuthentication, TicketAuthentication
from core.accounts.models import StreamTicket
from core.accounts.origins import check_origin
from core.accounts.owners import owner_of
from core.accounts.permissions import StudioPermission
from core.accounts.scopes import scopes_of
from core.exceptions import NotPermitted


class OwnerMiddleware:
    """Gives a consumer `scope["owner"]`, an Owner, and `scope["scopes"]`, a frozenset of what it may do.

    The credential is the subprotocols `["bearer", "<access token>"]` (a consumer then accepts with
    `bearer`), a header as over HTTP, or `?ticket=`. The owner is None, and the consumer closes with 4401,
    when the credential is wrong, does not allow reading, or is missing where one is needed.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await self.inner({**scope, **await _identified(scope)}, receive, send)


async def still_holds(scope: Any) -> bool:
    """Whether the credential that opened this WebSocket would open it now: it may have been withdrawn."""
    ticket: StreamTicket | None = scope["ticket"]
    if ticket is None:
        return (await _identified(scope))["owner"] is not None
    user = ticket.user  # the ticket itself is used up: what can end is the account that is behind it
    same = User.objects.filter(pk=user.pk, is_active=True, password=user.password) if user else None
    return same is None or await database_sync_to_async(same.exists)()


@database_sync_to_async  # type: ignore[untyped-decorator]
def _identified(scope: Any) -> dict[str, Any]:
    nobody: dict[str, Any] = {"owner": None, "scopes": frozenset(), "ticket": None}
    request = _request_of(scope)
    try:
        allowed = StudioPermission().has_permission(request, None)
        check_origin(request)
    except (APIException, NotPermitted):
        return nobody
    if not allowed:
        return nobody
    return {
        "owner": owner_of(request),
        "scopes": scopes_of(request.user, request.auth),
        "ticket": request.auth if isinstance(request.auth, StreamTicket) else None,
    }


def _request_of(scope: Any) -> Request:
    # A handshake is an HTTP GET, so Django's own request reads its headers, its query and its address.
    headers = scope["headers"]
    protocols = scope.get("subprotocols") or []
    if protocols and protocols[0] == "bearer":
        token = "".join(protocols[1:2]).encode()
        headers = [pair for pair in headers if pair[0] != b"authorization"]
        headers.append((b"authorization", b"Bearer " + token))
    return Request(
        ASGIRequest({**scope, "method": "GET", "headers": headers}, BytesIO()),
        authenticators=[BearerAuthentication(), ApiKeyAuthentication(), TicketAuthentication()],
    )
