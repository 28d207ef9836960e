"""Stored pictures in the Django admin: everybody's, to look at and to delete."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.exceptions import NotFound
from core.images import store
from core.images.encoding import encode
from core.images.models import StoredImage

_THUMBNAIL = (160, 160)


def thumbnail(image: StoredImage) -> SafeString:
    """An `<img>` for any page of the admin. Who may look at stored images there sees everybody's."""
    address = reverse("admin:images_thumbnail", args=[image.pk])
    return format_html('<img src="{}" alt="" loading="lazy" style="max-height: 80px">', address)


@admin.register(StoredImage)
class StoredImageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To look at and to delete. Thumbnails need the admin's own permission to view, not ownership."""

    list_display = [
        "picture",
        "id",
        "owner",
        "format",
        "width",
        "height",
        "bytes",
        "created_at",
        "expires_at",
    ]
    list_filter = ["format", "created_at"]
    search_fields = ["id", "owner", "sha256"]
    ordering = ["-created_at"]
    list_per_page = 25
    exclude = ["file"]
    readonly_fields = ["picture"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.thumbnail_view, cacheable=True)
        return [path("<uuid:image_id>/thumbnail/", view, name="images_thumbnail"), *super().get_urls()]

    @admin.display(description="Picture")
    def picture(self, image: StoredImage) -> SafeString:
        return thumbnail(image)

    def thumbnail_view(self, request: HttpRequest, image_id: UUID) -> HttpResponse:
        """The picture as a JPEG of at most 160 x 160 pixels."""
        image = self.get_object(request, str(image_id))
        if image is None:
            raise Http404
        if not self.has_view_permission(request, image):
            raise PermissionDenied
        try:
            picture = store.open_image(image_id=image.pk, owner=image.owner)
        except NotFound:
            raise Http404 from None
        picture.thumbnail(_THUMBNAIL)
        caching = {"Cache-Control": "private, max-age=3600"}  # the picture of an id never changes
        return HttpResponse(encode(picture, "jpeg"), content_type="image/jpeg", headers=caching)
