from django.urls import re_path

from apps.background_removal import views
from apps.background_removal.models import Removal
from apps.background_removal.serializers import RemovalSerializer
from core.history.views import history_urls

urlpatterns = [
    re_path(r"^remove/?$", views.RemoveView.as_view(), name="remove"),
    re_path(r"^remove/async/?$", views.RemoveAsyncView.as_view(), name="remove-async"),
    re_path(r"^batch/?$", views.BatchView.as_view(), name="batch"),
    re_path(
        r"^batch/(?P<task_id>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/download/?$",
        views.BatchDownloadView.as_view(),
        name="background-removal-batch-download",
    ),
    *history_urls(Removal, RemovalSerializer),
]
