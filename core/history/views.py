"""`.../history/` of an app: list, look, delete."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.urls import URLPattern, re_path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import NewestFirstPagination, PageSerializer
from core.api.paths import uuid
from core.api.views import StudioView
from core.history import services
from core.history.models import HistoryRow
from core.history.serializers import HistorySerializer


class HistoryListView(StudioView):
    kind: ClassVar[type[HistoryRow]]
    serializer: ClassVar[type[HistorySerializer]]

    def get(self, request: Request) -> Response:
        pagination = NewestFirstPagination()
        rows = services.rows_of(self.kind, owner=self.owner.id)
        page = pagination.paginate_queryset(rows, request, view=self)
        shown = self.serializer(page or [], many=True, context={"request": request}).data
        return pagination.get_paginated_response(shown)


class HistoryEntryView(StudioView):
    kind: ClassVar[type[HistoryRow]]
    serializer: ClassVar[type[HistorySerializer]]

    def get(self, request: Request, row_id: str) -> Response:
        row = services.get(self.kind, row_id=UUID(row_id), owner=self.owner.id)
        return Response(self.serializer(row, context={"request": request}).data)

    def delete(self, request: Request, row_id: str) -> Response:
        services.delete(services.get(self.kind, row_id=UUID(row_id), owner=self.owner.id))
        return Response(status=204)


def history_urls(kind: type[HistoryRow], serializer: type[HistorySerializer]) -> list[URLPattern]:
    """The patterns `history/` and `history/{id}/` for an app's rows, with their schema."""
    name = kind._meta.app_label
    page = type(f"{kind.__name__}PageSerializer", (PageSerializer,), {"results": serializer(many=True)})
    listing = extend_schema_view(
        get=extend_schema(
            operation_id=f"{name}_history_list",
            summary="List what you did",
            parameters=[OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
            responses=page,
        )
    )(_view(HistoryListView, kind, serializer))
    entry = extend_schema_view(
        get=extend_schema(
            operation_id=f"{name}_history_retrieve", summary="Look at one entry", responses=serializer
        ),
        delete=extend_schema(
            operation_id=f"{name}_history_destroy",
            summary="Delete an entry and its pictures",
            responses={204: None},
        ),
    )(_view(HistoryEntryView, kind, serializer))
    return [
        re_path(r"^history/?$", listing.as_view(), name=f"{name}-history"),
        re_path(rf"^history/{uuid('row_id')}/?$", entry.as_view(), name=f"{name}-history-entry"),
    ]


def _view(
    base: type[StudioView], kind: type[HistoryRow], serializer: type[HistorySerializer]
) -> type[StudioView]:
    members: dict[str, Any] = {"kind": kind, "serializer": serializer, "__module__": kind.__module__}
    return cast(type[StudioView], type(f"{kind.__name__}{base.__name__}", (base,), members))
