"""Accounts, API keys and stream tickets: the app's public face."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string

from core.accounts.models import TICKET_LIFETIME, ApiKey, StreamTicket
from core.accounts.owners import Owner
from core.exceptions import InvalidInput, NotFound

_KEY = re.compile(r"studio_([A-Za-z0-9]{8})_[A-Za-z0-9_-]{43}")
_LAST_USED_STEP = timedelta(minutes=1)  # a busy key must not cost a write per request


def register(*, username: str, email: str, password: str) -> User:
    """A new user who can log in. InvalidInput names the field at fault: a taken name, a weak password."""
    username, email = User.normalize_username(username), User.objects.normalize_email(email)
    user = User(username=username, email=email)
    try:
        user.full_clean(exclude=["password"], validate_unique=False)
        validate_password(password, user)
    except ValidationError as error:
        errors = error.message_dict if hasattr(error, "error_dict") else {"password": error.messages}
        raise InvalidInput("The account cannot be made.", errors=errors) from None
    user.set_password(password)
    with transaction.atomic():
        if User.objects.filter(username__iexact=username).exists():
            raise InvalidInput.for_field("username", "This name is taken.")
        if email and User.objects.filter(email__iexact=email).exists():
            raise InvalidInput.for_field("email", "There is an account with this address already.")
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            raise InvalidInput.for_field("username", "This name is taken.") from None
    return user


def create_api_key(
    *, user: User, name: str, scopes: list[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """The new key's row, and the key itself, which cannot be had again: only its SHA-256 is stored.

    SHA-256 without salt or stretching is enough here, as the secret is 256 random bits.
    """
    prefix = get_random_string(8)
    key = f"studio_{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        user=user, name=name, prefix=prefix, hash=_digest(key), scopes=scopes, expires_at=expires_at
    )
    return row, key


def find_api_key(*, key: str) -> ApiKey | None:
    """The row (with its user) of a key that may be used now, or None. Notes when it was last used."""
    match = _KEY.fullmatch(key)
    if not match:
        return None
    digest = _digest(key)
    rows = ApiKey.objects.select_related("user").filter(prefix=match[1])
    row = next((row for row in rows if constant_time_compare(row.hash, digest)), None)
    if row is None or not row.is_usable:
        return None
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - _LAST_USED_STEP:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _LAST_USED_STEP)
        ApiKey.objects.filter(stale, pk=row.pk).update(last_used_at=now)
    return row


def api_keys(*, user: User) -> QuerySet[ApiKey]:
    """The user's own keys, newest first."""
    return ApiKey.objects.filter(user=user)


def delete_api_key(*, user: User, key_id: int) -> None:
    """Ends one of the user's own keys at once. NotFound for any other."""
    deleted, _ = ApiKey.objects.filter(user=user, pk=key_id).delete()
    if not deleted:
        raise NotFound("You have no such API key.")


def issue_ticket(*, user: User | None, owner: Owner, scopes: frozenset[str]) -> str:
    """A ticket that opens one stream as `owner` within `TICKET_LIFETIME`; an anonymous one has no `user`."""
    now = timezone.now()
    StreamTicket.objects.filter(expires_at__lte=now).delete()
    ticket = secrets.token_urlsafe(32)
    StreamTicket.objects.create(
        hash=_digest(ticket),
        user=user,
        share=owner.share,
        scopes=sorted(scopes),
        expires_at=now + TICKET_LIFETIME,
    )
    return ticket


def redeem_ticket(*, ticket: str) -> StreamTicket | None:
    """What the ticket stands for, once: None when it is unknown, expired or used, also by another process."""
    found = (
        StreamTicket.objects.select_related("user")
        .filter(hash=_digest(ticket), expires_at__gt=timezone.now())
        .first()
    )
    if found is None or (found.user and not found.user.is_active):
        return None
    # Whoever deletes the row has the ticket: the database lets exactly one caller count it.
    deleted, _ = StreamTicket.objects.filter(pk=found.pk).delete()
    return found if deleted else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
