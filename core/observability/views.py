"""Health, for load balancers and people, and figures for Prometheus.

Health needs no credentials: who asks may be a machine that has none.
"""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.permissions import IsOperator
from core.observability import health, metrics
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


class MetricsView(APIView):
    permission_classes = [IsOperator]
    throttle_classes = []

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Prometheus's text is what there is, whatever Accept prefers."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        tags=["health"],
        operation_id="metrics",
        summary="Figures for Prometheus",
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        """Requests, queue, jobs, models and batches. Staff only, where accounts are needed."""
        return HttpResponse(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)
