"""/api/v1/models/"""

from django.urls import re_path

from core.model_manager import views

MODEL = r"^/(?P<model_id>[a-z0-9][a-z0-9._-]*)"

urlpatterns = [
    re_path(r"^/?$", views.ModelListView.as_view()),
    re_path(rf"{MODEL}/load/?$", views.ModelLoadView.as_view()),
    re_path(rf"{MODEL}/unload/?$", views.ModelUnloadView.as_view()),
    re_path(rf"{MODEL}/pull/?$", views.ModelPullView.as_view()),
    re_path(rf"{MODEL}/?$", views.ModelView.as_view()),
]
