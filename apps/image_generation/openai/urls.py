"""`/v1/`"""

from django.urls import re_path

from apps.image_generation.openai import views

urlpatterns = [
    re_path(r"^images/generations/?$", views.GenerationsView.as_view(), name="openai-generations"),
    re_path(r"^images/edits/?$", views.EditsView.as_view(), name="openai-edits"),
    re_path(r"^images/variations/?$", views.VariationsView.as_view(), name="openai-variations"),
    re_path(r"^models/?$", views.ModelsView.as_view(), name="openai-models"),
    re_path(r"^models/(?P<model_id>[A-Za-z0-9._-]{1,64})/?$", views.ModelView.as_view(), name="openai-model"),
]
