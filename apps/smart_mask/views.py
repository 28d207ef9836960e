"""`/api/v1/smart-mask/`."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.smart_mask import services
from apps.smart_mask.operations import CREATE, CreateOutput
from apps.smart_mask.serializers import (
    MaskCancelSerializer,
    MaskJobSerializer,
    MaskResultSerializer,
    MaskSerializer,
    SyncMaskSerializer,
)
from core.api.views import StudioView
from core.images import responses
from core.jobs.calls import AsyncOperationView, OperationView, SyncOperationView
from core.operations import Input


class NamedByClient(OperationView):
    """Lets the body name the request, as the header X-Request-Id can."""

    def prepare(self, given: Mapping[str, Any]) -> Input:
        fields = dict(given)
        if chosen := fields.pop("request_id", None):
            self.request._request.request_id = chosen  # type: ignore[attr-defined]
            structlog.contextvars.bind_contextvars(request_id=chosen)
        return super().prepare(fields)


@extend_schema_view(
    post=extend_schema(
        operation_id="smart_mask_create",
        summary="Mask what a click, a box or a rough mask means, and wait for it",
        request=SyncMaskSerializer,
        responses=responses.picture_schema(MaskResultSerializer),
    )
)
class MaskView(NamedByClient, SyncOperationView):
    operation = CREATE
    body = SyncMaskSerializer

    def answer(self, output: CreateOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {"mask_base64": pictures[0], **output.metadata, "error": None}


@extend_schema_view(
    post=extend_schema(
        operation_id="smart_mask_create_async",
        summary="Queue a mask",
        request=MaskSerializer,
        responses={202: MaskJobSerializer},
    )
)
class MaskAsyncView(NamedByClient, AsyncOperationView):
    operation = CREATE
    body = MaskSerializer

    def echo(self, work: Any) -> dict[str, Any]:
        return {"request_id": self.request_id, "image_id": str(work.image_id)}


class MaskCancelView(StudioView):
    @extend_schema(
        operation_id="smart_mask_cancel",
        summary="Cancel a mask by its request id",
        request=None,
        responses=MaskCancelSerializer,
    )
    def post(self, request: Request, request_id: str) -> Response:
        success = services.cancel(owner=self.owner, request_id=request_id)
        message = "Cancelled, or stopping before its next step." if success else "It had already ended."
        return Response({"success": success, "message": message, "request_id": request_id})
