from django.urls import re_path

from apps.image_generation import views
from apps.image_generation.loras import views as loras

urlpatterns = [
    re_path(r"^generate/?$", views.GenerateView.as_view(), name="generate"),
    re_path(r"^generate/async/?$", views.GenerateAsyncView.as_view(), name="generate-async"),
    re_path(r"^schedulers/?$", views.SchedulersView.as_view(), name="schedulers"),
    re_path(r"^loras/?$", loras.LorasView.as_view(), name="loras"),
    re_path(r"^train/?$", loras.TrainView.as_view(), name="train"),
    re_path(r"^train/async/?$", loras.TrainAsyncView.as_view(), name="train-async"),
]
