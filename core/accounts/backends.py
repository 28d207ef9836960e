"""Logging in with a name, or with an e-mail address."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

NOBODY = ""  # no user can have this name


class EmailOrUsernameBackend(ModelBackend):
    """Django's own backend, which also takes `email=`, in any case of letters."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The user with this password, or None.

        An unknown one takes as long as a known one: a password is hashed for it too. Should several accounts
        share an address, the password decides, so that none can lock out another.
        """
        if email is None:
            return self._check(request, username, password)
        names = (
            list(User.objects.filter(email__iexact=email).order_by("pk").values_list("username", flat=True))
            if email
            else []
        )
        found = (self._check(request, name, password) for name in names or [NOBODY])
        return next((user for user in found if user), None)

    def _check(self, request: HttpRequest | None, username: str | None, password: str | None) -> User | None:
        user = super().authenticate(request, username=username, password=password)
        return user if isinstance(user, User) else None
