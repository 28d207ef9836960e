from django.contrib import admin

from apps.image_processing.models import ProcessedImage
from core.history.admin import HistoryAdmin


@admin.register(ProcessedImage)
class ProcessedImageAdmin(HistoryAdmin):
    list_display = ["id", "operation", *HistoryAdmin.list_display[1:]]
    list_filter = ["operation", *HistoryAdmin.list_filter]
