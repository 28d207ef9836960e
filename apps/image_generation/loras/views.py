"""`/api/v1/image-generation/loras/` and `train/`."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.image_generation.loras import services
from apps.image_generation.loras.operations import TRAIN, TrainInput
from apps.image_generation.loras.serializers import (
    InstalledLoraSerializer,
    TrainJobSerializer,
    TrainSerializer,
)
from core.api.asgi import check_can_stream
from core.api.renderers import EventStreamRenderer, JSONRenderer
from core.api.views import StudioView
from core.exceptions import InvalidInput
from core.jobs import services as jobs
from core.jobs.calls import AsyncOperationView, OperationView
from core.jobs.events import Event
from core.jobs.models import Job
from core.jobs.sse import event_stream


class LorasView(StudioView):
    @extend_schema(
        operation_id="image_generation_loras",
        summary="List the LoRAs a request may name",
        responses=InstalledLoraSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(InstalledLoraSerializer(services.installed(), many=True).data)


class TrainView(OperationView):
    """Starts the job and streams it. The client may go and come back to the job's own stream."""

    operation = TRAIN
    body = TrainSerializer
    replayable = False
    renderer_classes = (EventStreamRenderer, JSONRenderer)

    @extend_schema(
        operation_id="image_generation_train",
        summary="Train a LoRA and follow it as Server-Sent Events",
        request=TrainSerializer,
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    def post(self, request: Request) -> HttpResponseBase:
        check_can_stream(request)
        if self.idempotency_key:  # an answer that is kept for a retry has an end
            detail = "A stream cannot be sent twice. Use train/async/ with an Idempotency-Key."
            raise InvalidInput(detail, code="not_replayable")
        work = self.received()
        job = jobs.submit(operation=TRAIN, input=work, owner=self.owner, request_id=self.request_id)
        response: HttpResponseBase = event_stream(job, None, retold=_retold(job))
        return response


@extend_schema_view(
    post=extend_schema(
        operation_id="image_generation_train_async",
        summary="Queue the training of a LoRA",
        request=TrainSerializer,
        responses={202: TrainJobSerializer},
    )
)
class TrainAsyncView(AsyncOperationView):
    operation = TRAIN
    body = TrainSerializer

    def echo(self, work: TrainInput) -> dict[str, Any]:
        return {"lora": work.name}


def _retold(job: Job) -> Callable[[Event], Awaitable[Event]]:
    """A training's events in the words of this call: `sample` for `image`, `complete` for `done`, `step`."""

    async def retold(event: Event) -> Event:
        data = dict(event.data)
        if "loss" in data:
            data["step"] = data["current_step"]
        if event.name == "accepted":
            data["lora"] = job.parameters["name"]
        if event.name == "done":
            made = await Job.objects.filter(pk=job.pk).values_list("result", flat=True).afirst() or {}
            data |= {name: made.get(name) for name in ("lora", "metadata")}
        name = {"image": "sample", "done": "complete"}.get(event.name, event.name)
        return Event(event.id, name, event.job_id, data)

    return retold
