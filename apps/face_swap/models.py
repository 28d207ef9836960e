"""The history of face swaps."""

from django.db import models

from core.history.models import HistoryRow
from core.images.models import StoredImage


class FaceSwap(HistoryRow):
    """`input_image` is the target; `source_image` gave the face."""

    source_image = models.ForeignKey(StoredImage, on_delete=models.PROTECT, related_name="+")

    class Meta(HistoryRow.Meta):
        verbose_name = "face swap"
