"""Sets in the Django admin: everybody's, with some of their pictures, to look at and to delete."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from apps.datasets import services
from apps.datasets.models import Dataset
from core.exceptions import NotFound, WrongState

_SHOWN = 4


@admin.register(Dataset)
class DatasetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Deleting a set deletes its files, as it does over HTTP; one that is being made stays."""

    list_display = [
        "class_label",
        "previews",
        "file_count",
        "output_size",
        "noise_level",
        "model",
        "owner",
        "is_successful",
        "created_at",
    ]
    list_filter = ["is_successful", "model", "created_at"]
    search_fields = ["id", "owner", "class_label", "request_id"]
    date_hierarchy = "created_at"
    list_per_page = 25

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["previews", *(field.name for field in self.model._meta.fields)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.thumbnail_view, cacheable=True)
        return [path("<uuid:dataset_id>/<int:index>/", view, name="datasets_thumbnail"), *super().get_urls()]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its pictures have no page of their own, and no permission of their own."""
        shown, counts, _, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Dataset) -> None:
        self._delete(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._delete(request, queryset)

    @admin.display(description="Pictures")
    def previews(self, dataset: Dataset) -> SafeString:
        indexes = dataset.pictures.order_by("index").values_list("index", flat=True)[:_SHOWN]
        addresses = ((reverse("admin:datasets_thumbnail", args=[dataset.pk, index]),) for index in indexes)
        return format_html_join(
            " ", '<img src="{}" alt="" loading="lazy" style="max-height: 80px">', addresses
        )

    def thumbnail_view(self, request: HttpRequest, dataset_id: UUID, index: int) -> HttpResponse:
        """One picture as a small JPEG. Who may look at sets here sees everybody's."""
        dataset = self.get_object(request, str(dataset_id))
        picture = dataset.pictures.filter(index=index).first() if dataset else None
        if picture is None:
            raise Http404
        if not self.has_view_permission(request, dataset):
            raise PermissionDenied
        try:
            data = services.thumbnail(picture)
        except NotFound:
            raise Http404 from None
        caching = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(data, content_type="image/jpeg", headers=caching)

    def _delete(self, request: HttpRequest, datasets: Any) -> None:
        for dataset in datasets:
            try:
                services.delete(dataset)
            except WrongState as error:
                self.message_user(request, f"{dataset}: {error.message}", messages.ERROR)
