"""What the API remembers: the answers to requests that carried an Idempotency-Key."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

LARGEST_IN_ROW = 64 * 1024  # bytes; a picture in base64 is better off in a file
FOLDER = "idempotency"
KEPT_FOR = timedelta(hours=24)


def in_a_day() -> datetime:
    return timezone.now() + KEPT_FOR


class IdempotencyKey(models.Model):
    """One key of one owner: first a claim on the work (no `status_code` yet), then its answer.

    A job that the request queues has the id `job_id`. Whoever takes the claim over after a crash keeps it,
    and so finds the job if it was queued.
    """

    owner = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    claim = models.UUIDField()
    job_id = models.UUIDField(default=uuid4)
    process = models.CharField(max_length=255)
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_day, db_index=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    body_file = models.CharField(max_length=255, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_per_owner_and_key")]

    def __str__(self) -> str:
        return f"{self.key} of {self.owner}"

    def read_body(self) -> bytes:
        """The stored answer's body. Raises FileNotFoundError when its file is gone."""
        if not self.body_file:
            return bytes(self.body)
        with default_storage.open(self.body_file) as file:
            return bytes(file.read())

    def store_body(self, body: bytes) -> None:
        """Puts `body` where it belongs by its size. The row is not saved."""
        if len(body) <= LARGEST_IN_ROW:
            self.body = body
        else:
            self.body_file = default_storage.save(f"{FOLDER}/{self.claim}", ContentFile(body))
