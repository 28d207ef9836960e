"""What is where, for whoever opens the address of a server."""

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class WelcomeView(APIView):
    """Where to read on."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        pages = {
            name: request.build_absolute_uri(reverse(name))
            for name in ("swagger", "redoc", "schema", "health")
        }
        about = settings.SPECTACULAR_SETTINGS
        return Response({"name": about["TITLE"], "version": about["VERSION"]} | pages)
