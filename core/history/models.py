"""What was done to whose picture: one row a run, for the apps that keep a history."""

import uuid

from django.db import models

from core.images.models import StoredImage


class HistoryRow(models.Model):
    """The base of an app's history. PROTECT: its pictures live as long as the row does.

    A subclass may add fields of its own. A foreign key to a picture is an input, or an output where its name
    begins with `output_`.
    """

    # What Django makes of the foreign keys; the stubs see it in concrete models alone.
    input_image_id: uuid.UUID
    output_image_id: uuid.UUID

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=64)
    run_id = models.CharField(max_length=80, unique=True, help_text="Of a run nothing is recorded twice.")
    request_id = models.CharField(max_length=128, blank=True)
    input_image = models.ForeignKey(StoredImage, on_delete=models.PROTECT, related_name="+")
    output_image = models.ForeignKey(StoredImage, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField(default=dict)
    model = models.CharField(max_length=100, blank=True, help_text="What did it: a model or a technique.")
    processing_time = models.FloatField(help_text="Seconds.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        abstract = True
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("owner", "-created_at"), name="%(class)s_owner"),)

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.id}"

    def input_images(self) -> list[uuid.UUID]:
        """The ids of the pictures that went in."""
        return [image_id for name, image_id in self._pictures() if not name.startswith("output_")]

    def output_images(self) -> list[uuid.UUID]:
        """The ids of the pictures that came out."""
        return [image_id for name, image_id in self._pictures() if name.startswith("output_")]

    def _pictures(self) -> list[tuple[str, uuid.UUID]]:
        fields = (field for field in self._meta.fields if field.related_model is StoredImage)
        found = ((field.name, getattr(self, field.attname)) for field in fields)
        return [(name, image_id) for name, image_id in found if image_id is not None]
