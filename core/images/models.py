"""Stored pictures: one row a picture and owner, the bytes on Django's default storage."""

import uuid

from django.db import models


def _path(image: "StoredImage", filename: str) -> str:
    # Nothing of the client's ends up in a path.
    return f"images/{image.id.hex[:2]}/{image.id}.{image.format}"


class StoredImage(models.Model):
    """A picture of one owner. Any row that references it with PROTECT keeps the purge away from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=64, db_index=True)
    sha256 = models.CharField(max_length=64, help_text="Of the bytes as they were given.")
    file = models.FileField(upload_to=_path, max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=8)
    bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("owner", "sha256"), name="one_image_per_owner_sha256"),)

    def __str__(self) -> str:
        return f"{self.format} {self.id}"
