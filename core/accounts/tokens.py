"""JSON web tokens: a short-lived access token, and a refresh token that works once."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken


@dataclass(frozen=True)
class Tokens:
    """What a login gives: `expires_in` is the access token's life in seconds."""

    access: str
    refresh: str
    expires_in: int
    token_type: str = "bearer"  # noqa: S105  (the name of the scheme)


class RefreshToken(simplejwt.RefreshToken):
    """Becomes a row only when it is revoked: simplejwt's own would store every live token in clear."""

    @classmethod
    def for_user(cls, user: Any) -> "RefreshToken":
        """A new token for `user`."""
        token: RefreshToken = super(simplejwt.BlacklistMixin, cls).for_user(user)
        return token


def issue_tokens(*, user: User) -> Tokens:
    """A new pair for `user`, who has proved who they are."""
    refresh = RefreshToken.for_user(user)
    return Tokens(
        access=str(refresh.access_token),
        refresh=str(refresh),
        expires_in=int(simplejwt.AccessToken.lifetime.total_seconds()),
    )


def renew_tokens(*, refresh: str) -> Tokens | None:
    """A new pair for a refresh token, which is spent by it; None when it is not (or no longer) valid.

    Of two calls with the same token, however close, one gets the pair.
    """
    with transaction.atomic():
        user = _spend(refresh)
    return issue_tokens(user=user) if user else None


def revoke_token(*, refresh: str) -> bool:
    """Whether `refresh` was a valid refresh token. It is not one any more."""
    with transaction.atomic():
        return _spend(refresh) is not None


def is_valid_token(*, token: str) -> bool:
    """Whether `token`, of either kind, would be accepted now."""
    return any(_decode(kind, token) for kind in (simplejwt.AccessToken, RefreshToken))


def _decode(kind: type[simplejwt.Token], encoded: str) -> tuple[Any, User] | None:
    make: Any = kind  # simplejwt's own annotations say that a token is made from a token
    try:
        token = make(encoded)
        user: Any = JWTAuthentication().get_user(token)
    except (TokenError, AuthenticationFailed):
        return None
    return token, user


def _spend(refresh: str) -> User | None:
    decoded = _decode(RefreshToken, refresh)
    if decoded is None:
        return None
    token, user = decoded
    OutstandingToken.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
    _, first = token.blacklist()
    return user if first else None
