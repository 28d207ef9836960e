"""/api/v1/images/"""

from django.urls import re_path

from core.images import views

_IMAGE = r"^/(?P<image_id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"

urlpatterns = [
    re_path(r"^/?$", views.ImagesView.as_view(), name="image-list"),
    re_path(rf"{_IMAGE}/?$", views.ImageView.as_view(), name="image-detail"),
    re_path(rf"{_IMAGE}/content/?$", views.ImageContentView.as_view(), name="image-content"),
]
