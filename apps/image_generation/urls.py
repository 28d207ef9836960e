from django.urls import re_path

from apps.image_generation import views
from apps.image_generation.editing import views as editing
from apps.image_generation.loras import views as loras

urlpatterns = [
    re_path(r"^generate/?$", views.GenerateView.as_view(), name="generate"),
    re_path(r"^generate/async/?$", views.GenerateAsyncView.as_view(), name="generate-async"),
    re_path(r"^generate-variations/?$", views.VariationsView.as_view(), name="generate-variations"),
    re_path(
        r"^generate-variations/async/?$",
        views.VariationsAsyncView.as_view(),
        name="generate-variations-async",
    ),
    re_path(r"^edit/?$", editing.EditView.as_view(), name="edit"),
    re_path(r"^edit/async/?$", editing.EditAsyncView.as_view(), name="edit-async"),
    re_path(
        r"^requests/(?P<request_id>[A-Za-z0-9._-]{1,128})/images/?$",
        editing.RequestImagesView.as_view(),
        name="request-images",
    ),
    re_path(r"^angles/?$", editing.AnglesView.as_view(), name="angles"),
    re_path(r"^background-presets/?$", editing.BackgroundPresetsView.as_view(), name="background-presets"),
    re_path(r"^styles/?$", editing.StylesView.as_view(), name="styles"),
    re_path(r"^schedulers/?$", views.SchedulersView.as_view(), name="schedulers"),
    re_path(r"^loras/?$", loras.LorasView.as_view(), name="loras"),
    re_path(r"^train/?$", loras.TrainView.as_view(), name="train"),
    re_path(r"^train/async/?$", loras.TrainAsyncView.as_view(), name="train-async"),
]
