"""/api/v1/images/"""

from django.urls import re_path

from core.api.paths import uuid
from core.images import views

_IMAGE = rf"^/{uuid('image_id')}"

urlpatterns = [
    re_path(r"^/?$", views.ImagesView.as_view(), name="image-list"),
    re_path(rf"{_IMAGE}/?$", views.ImageView.as_view(), name="image-detail"),
    re_path(rf"{_IMAGE}/content/?$", views.ImageContentView.as_view(), name="image-content"),
]
