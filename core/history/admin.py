"""An app's history in the Django admin: before and after, to look at and to delete."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.history import services
from core.history.models import HistoryRow
from core.images.admin import thumbnail


class HistoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The base of an app's page. Deleting an entry deletes its pictures, as it does over HTTP."""

    list_display = ["id", "before", "after", "model", "owner", "processing_time", "created_at"]
    list_filter = ["model", "created_at"]
    search_fields = ["id", "owner", "request_id"]
    date_hierarchy = "created_at"
    list_per_page = 25

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("input_image", "output_image")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["before", "after", *(field.name for field in self.model._meta.fields)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: HistoryRow) -> None:
        services.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            services.delete(row)

    @admin.display(description="Before")
    def before(self, row: HistoryRow) -> SafeString:
        return thumbnail(row.input_image)

    @admin.display(description="After")
    def after(self, row: HistoryRow) -> SafeString:
        return thumbnail(row.output_image)
