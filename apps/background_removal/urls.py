from django.urls import re_path

from apps.background_removal import views
from apps.background_removal.models import Removal
from apps.background_removal.serializers import RemovalSerializer
from core.api.paths import uuid
from core.history.views import history_urls

urlpatterns = [
    re_path(r"^remove/?$", views.RemoveView.as_view(), name="remove"),
    re_path(r"^remove/async/?$", views.RemoveAsyncView.as_view(), name="remove-async"),
    re_path(r"^batch/?$", views.BatchView.as_view(), name="batch"),
    re_path(
        rf"^batch/{uuid('task_id')}/download/?$",
        views.BatchDownloadView.as_view(),
        name="background-removal-batch-download",
    ),
    *history_urls(Removal, RemovalSerializer),
]
