"""What was cut out of whose picture."""

from django.db import models

from core.history.models import HistoryRow
from core.images.models import StoredImage


class Removal(HistoryRow):
    """One picture whose background was removed; a batch leaves one of these for each."""

    background_image = models.ForeignKey(
        StoredImage, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    output_mask = models.ForeignKey(
        StoredImage, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta(HistoryRow.Meta):
        verbose_name = "removal"
