from django.urls import re_path

from apps.datasets import views
from core.api.paths import uuid

_DATASET = rf"^/{uuid('dataset_id')}"

urlpatterns = [
    re_path(r"^/?$", views.DatasetsView.as_view(), name="dataset-list"),
    re_path(r"^/generate/?$", views.GenerateView.as_view(), name="dataset-generate"),
    re_path(r"^/generate/async/?$", views.GenerateAsyncView.as_view(), name="dataset-generate-async"),
    re_path(rf"{_DATASET}/?$", views.DatasetView.as_view(), name="dataset-detail"),
    re_path(rf"{_DATASET}/preview/?$", views.PreviewView.as_view(), name="dataset-preview"),
    re_path(rf"{_DATASET}/download/?$", views.DownloadView.as_view(), name="dataset-download"),
]
