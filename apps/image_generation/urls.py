from django.urls import re_path

from apps.image_generation import views

urlpatterns = [
    re_path(r"^generate/?$", views.GenerateView.as_view(), name="generate"),
    re_path(r"^generate/async/?$", views.GenerateAsyncView.as_view(), name="generate-async"),
    re_path(r"^schedulers/?$", views.SchedulersView.as_view(), name="schedulers"),
]
