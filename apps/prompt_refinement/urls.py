from django.urls import re_path

from apps.prompt_refinement import views

urlpatterns = [
    re_path(r"^refine/?$", views.RefineView.as_view(), name="refine"),
    re_path(r"^validate/?$", views.ValidateView.as_view(), name="validate"),
    re_path(r"^extract-negative/?$", views.ExtractNegativeView.as_view(), name="extract-negative"),
]
