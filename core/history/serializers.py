"""How an entry of a history looks from outside."""

from typing import Any, ClassVar

from rest_framework import serializers

from core.history.models import HistoryRow
from core.images import store


class HistorySerializer(serializers.ModelSerializer[Any]):
    """One entry: what was done to which picture, by what, and what came out."""

    input_image_id = serializers.UUIDField()
    output_image_id = serializers.UUIDField()
    links = serializers.SerializerMethodField()

    class Meta:  # an app's names its model, and `fields = [*HISTORY_FIELDS, ...]`
        model: ClassVar[type[HistoryRow]]
        fields: ClassVar[list[str]]

    def get_links(self, row: HistoryRow) -> dict[str, str]:
        """Where the pictures' bytes are."""
        request = self.context["request"]
        return {
            "input": request.build_absolute_uri(store.content_path(row.input_image_id)),
            "output": request.build_absolute_uri(store.content_path(row.output_image_id)),
        }


HISTORY_FIELDS = [
    "id",
    "request_id",
    "model",
    "parameters",
    "processing_time",
    "input_image_id",
    "output_image_id",
    "links",
    "created_at",
]
