"""What a credential allows its bearer to do."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models


class Scope(models.TextChoices):
    """`read`: look. `generate`: make, change and delete. `admin`: what only staff may do."""

    READ = "read"
    GENERATE = "generate"
    ADMIN = "admin"


def scopes_of(user: AbstractBaseUser | AnonymousUser, credential: Any) -> frozenset[str]:
    """The scopes of `user` with `credential` (DRF's `request.auth`).

    An API key and a stream ticket carry their own; a login allows everything that its user may do. `admin` is
    worth nothing without a staff user behind it: a key loses it together with its user.
    """
    everything = frozenset(Scope.values)
    if not getattr(user, "is_staff", False):
        everything -= {Scope.ADMIN}
    carried = getattr(credential, "scopes", None)
    return everything if carried is None else everything & frozenset(carried)
