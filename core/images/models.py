"""Stored pictures: one row a picture and owner, the bytes on Django's default storage."""

import uuid
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

FOLDER = "images"


def file_path(image: "StoredImage", filename: str) -> str:
    """`images/3f/3f2a….png`: nothing of the client's ends up in a path."""
    return f"{FOLDER}/{image.id.hex[:2]}/{image.id}.{image.format}"


class StoredImage(models.Model):
    """A picture of one owner. A row of any model that refers to it keeps it from being deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, help_text="Of the bytes as they were given.")
    file = models.FileField(upload_to=file_path, max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=8, help_text="png, jpeg or webp.")
    bytes = models.PositiveBigIntegerField(help_text="As they are stored.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            # Its index serves look-ups by owner alone, too.
            models.UniqueConstraint(fields=("owner", "sha256"), name="one_image_per_owner_sha256"),
        )

    def __str__(self) -> str:
        return f"{self.format} {self.id}"


@receiver(post_delete, sender=StoredImage)
def delete_file(instance: StoredImage, **_: Any) -> None:
    """The file goes with its row, whoever deletes it. A file that stays behind is swept up later."""
    transaction.on_commit(partial(instance.file.delete, save=False), robust=True)
