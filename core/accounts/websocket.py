"""Who opens a WebSocket: the same credentials and rules as over HTTP, read from the handshake."""

from io import BytesIO
from typing import Any

from channels.db import database_sync_to_async
from django.core.handlers.asgi import ASGIRequest
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.accounts.authentication import ApiKeyAuthentication, BearerAuthentication, TicketAuthentication
from core.accounts.origins import check_origin
from core.accounts.owners import Owner, owner_of
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
        owner, scopes = await database_sync_to_async(_identify)(scope)
        return await self.inner({**scope, "owner": owner, "scopes": scopes}, receive, send)


def _identify(scope: Any) -> tuple[Owner | None, frozenset[str]]:
    request = _request_of(scope)
    try:
        allowed = StudioPermission().has_permission(request, None)
        check_origin(request)
    except (APIException, NotPermitted):
        return None, frozenset()
    if not allowed:
        return None, frozenset()
    return owner_of(request), scopes_of(request.user, request.auth)


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
