"""Which stored picture shows what of a request. The app keeps no history: these rows live for an hour."""

from django.db import models


class RequestImage(models.Model):
    """One picture behind a result. No foreign key: it must not keep the picture from being deleted."""

    owner = models.CharField(max_length=64)
    request_id = models.CharField(max_length=200)
    label = models.CharField(max_length=32)
    image_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "request_id"])]

    def __str__(self) -> str:
        return f"{self.label} of {self.request_id}"
