"""Pages of rows, newest first."""

from datetime import UTC
from typing import Any

from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from core.exceptions import NotFound


class NewestFirstPagination(CursorPagination):
    """Cursor pages of rows with `created_at` and `id`: rows that come meanwhile shift nothing."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = ("-created_at", "id")

    def decode_cursor(self, request: Request) -> Any:
        """Raises NotFound for a cursor that this list has not given out."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                serializers.DateTimeField(default_timezone=UTC).run_validation(cursor.position)
            except (serializers.ValidationError, OverflowError):
                raise NotFound("This cursor is not one of ours. Begin again without it.") from None
        return cursor


class PageSerializer(serializers.Serializer[Any]):
    """One page: `next` and `previous` are the addresses of its neighbours, null at an end."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
