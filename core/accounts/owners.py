"""Whose request is it: the one question behind visibility, fairness and quotas."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.request import Request

from core.accounts.addresses import address_group, client_address

ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Owner:
    """`id` says what one may see, `share` whose turn and whose quota it is.

    Both are `user:<pk>` for a user. Callers without credentials are all `anonymous` and see the same things,
    but each is counted as `address:<ip>` (`address:<network>/64` for IPv6).
    """

    id: str
    share: str


def owner_of(request: HttpRequest | Request) -> Owner:
    """The owner of what `request` makes and asks for. A stream ticket stands for whoever asked for it."""
    bearer = getattr(getattr(request, "auth", None), "owner", None)
    if isinstance(bearer, Owner):
        return bearer
    return owner_of_user(request.user, address_of(request))


def owner_of_user(user: AbstractBaseUser | AnonymousUser, address: str) -> Owner:
    """The owner for a user (or nobody) at `address`, an IP address as `client_address` gives it."""
    if user.is_authenticated:
        return Owner(id=f"user:{user.pk}", share=f"user:{user.pk}")
    return Owner(id=ANONYMOUS, share=f"address:{address_group(address)}")


def address_of(request: HttpRequest | Request) -> str:
    """The caller's IP address, as `client_address` reads it from the connection and the trusted proxies."""
    return client_address(request.META.get("REMOTE_ADDR"), request.META.get("HTTP_X_FORWARDED_FOR"))
