from django.db import models

from core.history.models import HistoryRow


class ProcessedImage(HistoryRow):
    """One picture that was edited: by which call, how, and what came out."""

    operation = models.CharField(max_length=40, help_text="The call: resize, crop, ..., pipeline.")

    class Meta(HistoryRow.Meta):
        verbose_name = "processed image"
