"""`/api/v1/image-generation/`."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.image_generation.operations import GENERATE, VARY, GenerateInput, GenerateOutput
from apps.image_generation.schedulers import SCHEDULERS
from apps.image_generation.serializers import (
    GenerateResultSerializer,
    GenerateSerializer,
    PaintJobSerializer,
    SchedulerSerializer,
    SyncGenerateSerializer,
    SyncVariationsSerializer,
    VariationsResultSerializer,
    VariationsSerializer,
)
from core.api.views import StudioView
from core.images import responses
from core.jobs.calls import AsyncOperationView, SyncOperationView


@extend_schema_view(
    post=extend_schema(
        operation_id="image_generation_generate",
        summary="Paint pictures from a prompt and wait for them",
        request=SyncGenerateSerializer,
        responses=responses.picture_schema(GenerateResultSerializer),
    )
)
class GenerateView(SyncOperationView):
    operation = GENERATE
    body = SyncGenerateSerializer

    def answer(self, output: GenerateOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {
            "image_bytes": pictures[0],
            "images": _seeded(output, pictures),
            **_described(output),
        }


@extend_schema_view(
    post=extend_schema(
        operation_id="image_generation_generate_async",
        summary="Queue pictures from a prompt",
        request=GenerateSerializer,
        responses={202: PaintJobSerializer},
    )
)
class GenerateAsyncView(AsyncOperationView):
    operation = GENERATE
    body = GenerateSerializer

    def echo(self, work: GenerateInput) -> dict[str, Any]:
        return {"prompt": work.prompt}


@extend_schema_view(
    post=extend_schema(
        operation_id="image_generation_variations",
        summary="Paint variations of a prompt or of an image and wait for them",
        request=SyncVariationsSerializer,
        responses=responses.picture_schema(VariationsResultSerializer),
    )
)
class VariationsView(SyncOperationView):
    operation = VARY
    body = SyncVariationsSerializer

    def answer(self, output: GenerateOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {"variations": _seeded(output, pictures), **_described(output)}


@extend_schema_view(
    post=extend_schema(
        operation_id="image_generation_variations_async",
        summary="Queue variations of a prompt or of an image",
        request=VariationsSerializer,
        responses={202: PaintJobSerializer},
    )
)
class VariationsAsyncView(AsyncOperationView):
    operation = VARY
    body = VariationsSerializer

    def echo(self, work: GenerateInput) -> dict[str, Any]:
        return {"prompt": work.prompt}


class SchedulersView(StudioView):
    @extend_schema(
        operation_id="image_generation_schedulers",
        summary="List the schedulers a request may name",
        responses=SchedulerSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(SchedulerSerializer(list(SCHEDULERS.values()), many=True).data)


def _seeded(output: GenerateOutput, pictures: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"image_bytes": picture, "seed": image.seed}
        for picture, image in zip(pictures, output.images, strict=True)
    ]


def _described(output: GenerateOutput) -> dict[str, Any]:
    return {
        "generation_time": output.generation_time,
        "model_used": output.model,
        "parameters_used": output.parameters,
        "metadata": output.metadata,
    }
