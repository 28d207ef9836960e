"""`/api/v1/image-generation/`."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.image_generation import services
from apps.image_generation.operations import GENERATE, GenerateInput, GenerateOutput
from apps.image_generation.schedulers import SCHEDULERS
from apps.image_generation.serializers import (
    GenerateResultSerializer,
    GenerateSerializer,
    SchedulerSerializer,
    SyncGenerateSerializer,
)
from core.api.renderers import PICTURE_RENDERERS
from core.api.views import StudioView
from core.exceptions import InvalidInput
from core.images import responses
from core.jobs import services as jobs
from core.jobs.models import Job
from core.jobs.serializers import JobSerializer


class GenerateView(StudioView):
    renderer_classes = PICTURE_RENDERERS

    @extend_schema(
        operation_id="image_generation_generate",
        summary="Paint pictures from a prompt and wait for them",
        request=SyncGenerateSerializer,
        responses=responses.picture_schema(GenerateResultSerializer),
    )
    def post(self, request: Request) -> Response:
        given = self.validated(SyncGenerateSerializer)
        as_url = given.pop("response_format", "b64") == "url"
        wanted_format = responses.accepted_format(request)
        if wanted_format:
            given["output_format"] = wanted_format
            if given.get("num_images", 1) > 1:
                raise InvalidInput.for_field(
                    "num_images", f"Accept: image/{wanted_format} has room for one picture."
                )
        work = services.prepare_generation(**given)
        with jobs.answered(
            operation=GENERATE,
            input=work,
            owner=self.owner,
            request_id=self.request_id,
            image_count=len(work.seeds),
            keyed=self.idempotency_key is not None,
        ) as (job, output):
            if wanted_format:
                return _bare_picture(job, work, output)
            return Response(self._answer(request, output, as_url=as_url))

    def _answer(self, request: Request, output: GenerateOutput, *, as_url: bool) -> dict[str, Any]:
        pictures = responses.present([image.image_id for image in output.images], request if as_url else None)
        images = [
            {"image_bytes": picture, "seed": image.seed}
            for picture, image in zip(pictures, output.images, strict=True)
        ]
        return {
            "success": True,
            "request_id": self.request_id,
            "image_bytes": images[0]["image_bytes"],
            "images": images,
            "generation_time": output.generation_time,
            "model_used": output.metadata["model"],
            "parameters_used": output.parameters,
            "metadata": output.metadata,
        }


class GenerateAsyncView(StudioView):
    @extend_schema(
        operation_id="image_generation_generate_async",
        summary="Queue pictures from a prompt",
        request=GenerateSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        work = services.prepare_generation(**self.validated(GenerateSerializer))
        job = jobs.submit(
            operation=GENERATE,
            input=work,
            owner=self.owner,
            request_id=self.request_id,
            image_count=len(work.seeds),
        )
        shown = JobSerializer(job, context={"request": request}).data
        return Response({**shown, "prompt": work.prompt}, status=202)


class SchedulersView(StudioView):
    @extend_schema(
        operation_id="image_generation_schedulers",
        summary="List the schedulers a request may name",
        responses=SchedulerSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(SchedulerSerializer(list(SCHEDULERS.values()), many=True).data)


def _bare_picture(job: Job, work: GenerateInput, output: GenerateOutput) -> Response:
    """The picture's own bytes; what the JSON would say of it is in the headers."""
    return responses.bare(
        output.images[0].image_id,
        headers={"X-Model": work.model, "X-Seed": str(work.seeds[0]), "X-Job-Id": str(job.pk)},
    )
