from django.urls import re_path

from apps.smart_mask import views

urlpatterns = [
    re_path(r"^/?$", views.MaskView.as_view(), name="smart-mask"),
    re_path(r"^/async/?$", views.MaskAsyncView.as_view(), name="smart-mask-async"),
    re_path(
        r"^/cancel/(?P<request_id>[A-Za-z0-9._-]{1,128})/?$",
        views.MaskCancelView.as_view(),
        name="smart-mask-cancel",
    ),
]
