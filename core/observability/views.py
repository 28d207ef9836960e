"""Health, for load balancers and people. Without credentials: who asks may be a machine that has none."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.observability import health
from core.observability.serializers import NotReadySerializer, ReadinessSerializer, StatusSerializer


class HealthView(APIView):
    """The server answers."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    @extend_schema(tags=["health"], responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        return Response({"status": "OK"})


class LiveView(HealthView):
    """The process is alive. Restart it when this fails, and only then."""


class ReadyView(HealthView):
    """The studio can do its work: every part with its state, 503 when one is down."""

    @extend_schema(tags=["health"], responses={200: ReadinessSerializer, 503: NotReadySerializer})
    def get(self, request: Request) -> Response:
        parts = health.report()
        down = [name for name, part in parts.items() if not part.ok]
        body: dict[str, Any] = {"status": "not_ready" if down else "ready"}
        body["checks"] = {name: asdict(part) for name, part in parts.items()}
        if not down:
            return Response(body)
        body["detail"] = " ".join(f"{name}: {parts[name].detail}" for name in down)
        body["code"] = "not_ready"
        body["request_id"] = getattr(request, "request_id", "")
        return Response(body, status=HTTPStatus.SERVICE_UNAVAILABLE)
