"""Credentials that live in the database, as digests: a copy of the database opens no door."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.accounts.owners import ANONYMOUS, Owner, owner_of_user

TICKET_LIFETIME = timedelta(seconds=30)


class ApiKey(models.Model):
    """A long-lived credential of a program. The key itself (`studio_<prefix>_<secret>`) is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=8, db_index=True)
    hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} (studio_{self.prefix}_…)"

    @property
    def is_usable(self) -> bool:
        """Whether it has not expired and its user may still come in."""
        return self.user.is_active and (self.expires_at is None or self.expires_at > timezone.now())


class StreamTicket(models.Model):
    """Opens one stream within `TICKET_LIFETIME`, for callers that send no headers. Deleting it uses it."""

    hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True)
    share = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of {self.owner.id}"

    @property
    def owner(self) -> Owner:
        """Whoever asked for the ticket."""
        if self.user is None:
            return Owner(id=ANONYMOUS, share=self.share)
        return owner_of_user(self.user, address="")
