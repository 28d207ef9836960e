from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.face_swap.models import FaceSwap
from core.history.admin import HistoryAdmin
from core.images.admin import thumbnail


@admin.register(FaceSwap)
class FaceSwapAdmin(HistoryAdmin):
    list_display = ["id", "face", *HistoryAdmin.list_display[1:]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FaceSwap]:
        return super().get_queryset(request).select_related("source_image")

    def get_readonly_fields(self, request: HttpRequest, obj: FaceSwap | None = None) -> list[str]:
        return ["face", *super().get_readonly_fields(request, obj)]

    @admin.display(description="Source")
    def face(self, row: FaceSwap) -> SafeString:
        return thumbnail(row.source_image)
