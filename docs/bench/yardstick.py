"""The least that Django can do under daphne: one async view, no middleware, a small JSON answer."""

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"])
django.setup()


async def health(request: HttpRequest) -> JsonResponse:
    """What `GET /health` of the studio answers."""
    return JsonResponse({"status": "OK"})


urlpatterns = [path("health", health)]
application = get_asgi_application()
