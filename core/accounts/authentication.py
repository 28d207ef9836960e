"""How a request proves who sends it. Wrong credentials are refused (401) even where none are needed, but for
those that another API's client has to send.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt import exceptions as simplejwt
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from core.accounts import services
from core.accounts.models import ApiKey, StreamTicket

WWW_AUTHENTICATE = 'Bearer realm="api"'

_KEY_BEGINS = b"studio_"


class BearerAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`. Other schemes (a proxy's `Basic`) are not ours to judge, and an
    API key is ApiKeyAuthentication's.
    """

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        """The token's user and the token, or None without one.

        Raises AuthenticationFailed (`token_not_valid`).
        """
        try:
            return super().authenticate(request)
        except simplejwt.AuthenticationFailed:
            raise AuthenticationFailed(
                "The token is not valid or has expired. Refresh it, or log in again.", code="token_not_valid"
            ) from None

    def get_raw_token(self, header: bytes) -> bytes | None:
        """What the header bears, unless that is an API key."""
        token = _borne(header)
        return None if token is None or token.startswith(_KEY_BEGINS) else token


class OptionalBearerAuthentication(BearerAuthentication):
    """For the clients of another API, which cannot do without a key: where none is needed, a text that could
    not be an access token counts as none.
    """

    def get_raw_token(self, header: bytes) -> bytes | None:
        """The token, if it has the three parts of one or if credentials are needed."""
        token = super().get_raw_token(header)
        may_be_one = token is not None and token.count(b".") == 2
        return token if may_be_one or settings.STUDIO_REQUIRE_AUTH else None


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: studio_<prefix>_<secret>`, or the key as a bearer. `request.auth` is then the ApiKey."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The key's user and the key, or None without one.

        Raises AuthenticationFailed (`invalid_api_key`).
        """
        key = request.META.get("HTTP_X_API_KEY", _bearer_key(request))
        if key is None:
            return None
        row = services.find_api_key(key=key)
        if row is None:
            raise AuthenticationFailed("The API key is not valid or has expired.", code="invalid_api_key")
        return row.user, row

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return WWW_AUTHENTICATE


class TicketAuthentication(BaseAuthentication):
    """`?ticket=` on a GET, for streams: an EventSource sends no headers. `request.auth` is the ticket."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, StreamTicket] | None:
        """The ticket's user and the ticket, which is used up, or None without one.

        Raises AuthenticationFailed (`invalid_ticket`).
        """
        ticket = request.query_params.get("ticket")
        if request.method != "GET" or ticket is None:
            return None
        row = services.redeem_ticket(ticket=ticket)
        if row is None:
            raise AuthenticationFailed(
                "The ticket is not valid: it has been used, or it is too old.", code="invalid_ticket"
            )
        return row.user or AnonymousUser(), row

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return WWW_AUTHENTICATE


def _borne(header: bytes) -> bytes | None:
    """The token of a bearer; the scheme's name is read without regard to case (RFC 9110, section 11.1)."""
    scheme, _, token = header.strip().partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else None


def _bearer_key(request: Request) -> str | None:
    token = _borne(get_authorization_header(request)) or b""
    return token.decode("ascii", "replace") if token.startswith(_KEY_BEGINS) else None
