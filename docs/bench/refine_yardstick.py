"""The least that DRF can do under daphne with a body of refine/: validate it and answer. No middleware."""

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from rest_framework import serializers  # noqa: E402 - after the settings
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class ContextSerializer(serializers.Serializer):
    style = serializers.CharField(max_length=100, required=False)


class RefineSerializer(serializers.Serializer):
    prompt = serializers.CharField(max_length=2000)
    context = ContextSerializer(required=False)
    method = serializers.ChoiceField(choices=("auto", "rule_based", "llm"), required=False)


class RefineView(APIView):
    """Answers with what it understood."""

    def post(self, request: Request) -> Response:
        serializer = RefineSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.validated_data)


urlpatterns = [path("refine/", RefineView.as_view())]
application = get_asgi_application()
