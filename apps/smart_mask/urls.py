from django.urls import re_path

from apps.smart_mask import views

urlpatterns = [
    re_path(r"^/?$", views.CreateView.as_view(), name="smart-mask"),
    re_path(r"^/async/?$", views.CreateAsyncView.as_view(), name="smart-mask-async"),
    re_path(
        r"^/cancel/(?P<request_id>[A-Za-z0-9._-]{1,128})/?$",
        views.CancelView.as_view(),
        name="smart-mask-cancel",
    ),
]
