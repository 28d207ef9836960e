"""The API's own description, for programs and people, and the static files of the pages that show it."""

from django.contrib.staticfiles.views import serve
from django.urls import re_path
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from core.api.schema_view import SchemaView
from core.api.welcome import WelcomeView

urlpatterns = [
    re_path(r"^$", WelcomeView.as_view(), name="welcome"),
    re_path(r"^api/v1/schema/?$", SchemaView.as_view(), name="schema"),
    re_path(r"^swagger/?$", SpectacularSwaggerView.as_view(url_name="schema"), name="swagger"),
    re_path(
        r"^redoc/?$",
        SpectacularRedocView.as_view(url_name="schema", template_name="api/redoc.html"),
        name="redoc",
    ),
    # The admin and the two pages above are all that has static files: too little to need a second server.
    re_path(r"^static/(?P<path>.+)$", serve, {"insecure": True}, name="static"),
]
