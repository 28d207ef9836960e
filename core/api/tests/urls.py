"""The API's own URLs, and views that go wrong in every way a view can."""

import threading
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path, re_path
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core import exceptions as studio
from core.api.fields import (
    ChoiceField,
    FiniteFloatField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from core.api.renderers import PICTURE_RENDERERS, EventStreamRenderer, JSONRenderer
from core.api.serializers import StrictSerializer
from core.api.views import StudioView

PNG = b"\x89PNG\r\n\x1a\n and so on"
KINDS = {
    kind.__name__: kind
    for kind in vars(studio).values()
    if isinstance(kind, type) and issubclass(kind, studio.StudioError)
}


class RaiseView(StudioView):
    """Raises the StudioError, or the other exception, that is named in the path."""

    renderer_classes = PICTURE_RENDERERS

    def get(self, request: Request, name: str) -> Response:
        if name in KINDS:
            raise KINDS[name]("A reason.", retry_after=7)
        raise {"KeyError": KeyError("secret"), "PermissionDenied": PermissionDenied("secret")}[name]


class UnwritableView(StudioView):
    def get(self, request: Request) -> Response:
        return Response({"cannot be": {1: "JSON"}})


class PersonalView(StudioView):
    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        return Response({"owner": self.owner.id})


class PictureView(StudioView):
    renderer_classes = PICTURE_RENDERERS

    def get(self, request: Request) -> Response:
        if request.accepted_renderer.media_type.startswith("image/"):
            return Response(data=PNG)
        return Response({"image": "aGk="})


class StreamView(StudioView):
    renderer_classes = [EventStreamRenderer, JSONRenderer]

    def get(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse([b"data: 1\n\n"], content_type="text/event-stream")


class ThingSerializer(StrictSerializer):
    text = StrictCharField(required=False, max_length=2000)
    number = FiniteFloatField(required=False, min_value=0, max_value=20)
    count = StrictIntegerField(required=False, min_value=-1, max_value=2**63 - 1)
    switch = StrictBooleanField(default=True)
    size = ChoiceField(choices=("small", "large"), required=False)


class PairSerializer(serializers.Serializer[Any]):
    things = ThingSerializer(many=True)
    numbers = serializers.ListField(child=FiniteFloatField(), required=False)


class EchoView(StudioView):
    def post(self, request: Request) -> Response:
        return Response(self.validated(ThingSerializer))


class NestedView(StudioView):
    def post(self, request: Request) -> Response:
        return Response(self.validated(PairSerializer))


class CountView(StudioView):
    """Counts how often it really worked; `outcome` says how it ends."""

    calls = 0
    gate = threading.Event()
    entered = threading.Event()

    def post(self, request: Request) -> Response:
        cls = type(self)
        cls.calls += 1
        outcome = request.data.get("outcome", "ok")
        if outcome == "wait":
            cls.entered.set()
            assert cls.gate.wait(20)
        if outcome == "crash":
            raise RuntimeError("boom")
        if outcome == "full":
            raise studio.QueueFull(retry_after=1)
        if outcome == "missing":
            raise studio.NotFound
        if outcome == "unwritable":
            return Response({1: "x"})
        headers = {"X-Seed": "7", "X-Other": "not kept"}
        if outcome == "secret":
            headers["Cache-Control"] = "no-store"
        body = {"call": cls.calls, "padding": "p" * int(request.data.get("size", 0))}
        return Response(body, status=201, headers=headers)


class OtherCountView(CountView):
    pass


def plain(request: HttpRequest, name: str) -> HttpResponse:
    if name == "html":
        return HttpResponse("<h1>No</h1>", status=418, headers={"X-Kept": "yes"})
    raise {
        "crash": RuntimeError("secret"),
        "denied": PermissionDenied("secret"),
        "bad": BadRequest("secret"),
        "suspicious": SuspiciousOperation("secret"),
    }[name]


urlpatterns = [
    path("api/v1/test/raise/<str:name>/", RaiseView.as_view()),
    path("api/v1/test/unwritable/", UnwritableView.as_view()),
    path("api/v1/test/personal/", PersonalView.as_view()),
    path("api/v1/test/picture/", PictureView.as_view()),
    path("api/v1/test/stream/", StreamView.as_view()),
    path("api/v1/test/echo/", EchoView.as_view()),
    path("api/v1/test/nested/", NestedView.as_view()),
    re_path(r"^api/v1/test/count/?$", CountView.as_view()),
    path("api/v1/test/other-count/", OtherCountView.as_view()),
    path("api/v1/test/plain/<str:name>/", plain),
    path("elsewhere/<str:name>/", plain),
    path("admin/", admin.site.urls),
    path("api/v1/auth/", include("core.accounts.urls")),
    path("", include("core.observability.urls")),
    path("", include("core.api.urls")),
]

handler400 = "core.api.handlers.handler400"
handler403 = "core.api.handlers.handler403"
handler404 = "core.api.handlers.handler404"
handler500 = "core.api.handlers.handler500"
