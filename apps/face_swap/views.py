"""`/api/v1/face-swap/`."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from apps.face_swap.operations import DETECT, SWAP, DetectOutput, SwapOutput
from apps.face_swap.serializers import (
    DetectResultSerializer,
    DetectSerializer,
    FoundFaceSerializer,
    SwapResultSerializer,
    SwapSerializer,
    SyncSwapSerializer,
)
from core.images import responses
from core.jobs.calls import AsyncOperationView, SyncOperationView
from core.jobs.serializers import JobSerializer


@extend_schema_view(
    post=extend_schema(
        operation_id="face_swap_detect",
        summary="Find the faces of a picture",
        request=DetectSerializer,
        responses=DetectResultSerializer,
    )
)
class DetectView(SyncOperationView):
    operation = DETECT
    body = DetectSerializer

    def answer(self, output: DetectOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {
            "faces": FoundFaceSerializer(output.faces, many=True).data,
            "count": len(output.faces),
            "model_used": output.model,
        }


@extend_schema_view(
    post=extend_schema(
        operation_id="face_swap_swap",
        summary="Put a face where another is, and wait for the picture",
        request=SyncSwapSerializer,
        responses=responses.picture_schema(SwapResultSerializer),
    )
)
class SwapView(SyncOperationView):
    operation = SWAP
    body = SyncSwapSerializer

    def answer(self, output: SwapOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {
            "image_bytes": pictures[0],
            "model_used": output.model,
            "processing_time": output.processing_time,
            "history_id": output.history_id,
            "metadata": output.metadata,
        }


@extend_schema_view(
    post=extend_schema(
        operation_id="face_swap_swap_async",
        summary="Queue a face swap",
        request=SwapSerializer,
        responses={202: JobSerializer},
    )
)
class SwapAsyncView(AsyncOperationView):
    operation = SWAP
    body = SwapSerializer
