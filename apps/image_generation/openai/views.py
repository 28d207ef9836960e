"""`/v1/images/…` and `/v1/models`: our own operations, asked for and answered in OpenAI's words."""

import time
from collections.abc import Sequence
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.image_generation.editing.operations import EDIT
from apps.image_generation.openai.schema import OpenAISchema
from apps.image_generation.openai.serializers import (
    OpenAIEditsSerializer,
    OpenAIGenerationsSerializer,
    OpenAIModelListSerializer,
    OpenAIModelSerializer,
    OpenAIPicturesSerializer,
    OpenAIVariationsSerializer,
    Wishes,
)
from apps.image_generation.openai.streaming import PictureStream, Telling
from apps.image_generation.operations import GENERATE, VARY
from core.accounts.authentication import ApiKeyAuthentication, OptionalBearerAuthentication
from core.api.asgi import check_can_stream
from core.api.renderers import EventStreamRenderer, JSONRenderer
from core.api.views import StudioView
from core.exceptions import InvalidInput, NotFound
from core.images import responses
from core.images.receiving import receiving
from core.jobs import services as jobs
from core.jobs.calls import OperationView
from core.jobs.sse import streaming
from core.model_manager import services as models
from core.model_manager.catalogue import EDITING_TASK, IMAGE_TASK
from core.observability.disconnects import client_gone
from core.operations import Input, SavedImage

_ANSWERS = {
    (200, "application/json"): OpenAIPicturesSerializer,
    (200, "text/event-stream"): OpenApiTypes.STR,
}


class OpenAIView(StudioView):
    authentication_classes = (OptionalBearerAuthentication, ApiKeyAuthentication)
    schema = OpenAISchema()


class PicturesView(OpenAIView, OperationView):
    """Makes pictures, and answers when all are there or with a stream."""

    renderer_classes = (JSONRenderer, EventStreamRenderer)
    topic: ClassVar[str]  # how the names of the stream's events begin

    def post(self, request: Request) -> HttpResponseBase:
        work, wishes = self._received_with_wishes()
        if wishes.stream:
            return self._streamed(work, wishes)
        with self.waited_for(work) as (job, output):
            data = _data(output.images, request if wishes.as_url else None)
            answer = {"created": int(time.time()), **self.described(work), "data": data, "usage": None}
            return Response(answer, headers={"X-Job-Id": str(job.pk)})

    def described(self, work: Any) -> dict[str, str | None]:
        """What the answer says of the pictures as a whole."""
        return {
            "background": "opaque",
            "output_format": work.output_format,
            "quality": "auto",
            "size": f"{work.width}x{work.height}",
        }

    def _received_with_wishes(self) -> tuple[Input, Wishes]:
        """As `received`, and how the answer is to be."""
        with receiving(self.request, self.body):
            given = self.validated(self.body)
            wishes: Wishes = given.pop("wishes")
            if wishes.stream:
                self._check_stream(wishes)
            return self.prepare(given), wishes

    def _check_stream(self, wishes: Wishes) -> None:
        check_can_stream(self.request)
        if self.idempotency_key:
            raise InvalidInput("A stream cannot be sent twice: leave out `stream`.", code="not_replayable")
        if wishes.as_url:
            raise InvalidInput.for_field("response_format", "A stream has its pictures in base64.")

    def _streamed(self, work: Input, wishes: Wishes) -> HttpResponseBase:
        job = jobs.submit(operation=self.operation, input=work, owner=self.owner, request_id=self.request_id)
        if client_gone():  # before there was a stream that could be closed
            jobs.cancel(job)
        described = {"created_at": int(time.time()), **self.described(work)}
        response = streaming(PictureStream(job, Telling(self.topic, wishes.partial_images, described)))
        response["X-Job-Id"] = str(job.pk)
        return response


@extend_schema_view(
    post=extend_schema(
        operation_id="openai_generations",
        summary="Paint pictures from a prompt",
        request=OpenAIGenerationsSerializer,
        responses=_ANSWERS,
    )
)
class GenerationsView(PicturesView):
    operation = GENERATE
    body = OpenAIGenerationsSerializer
    topic = "image_generation"


@extend_schema_view(
    post=extend_schema(
        operation_id="openai_edits",
        summary="Change a picture",
        request=OpenAIEditsSerializer,
        responses=_ANSWERS,
    )
)
class EditsView(PicturesView):
    operation = EDIT
    body = OpenAIEditsSerializer
    topic = "image_edit"

    def described(self, work: Any) -> dict[str, str | None]:
        return super().described(work) | {"background": None}  # that of the picture


@extend_schema_view(
    post=extend_schema(
        operation_id="openai_variations",
        summary="Paint variations of a picture",
        request=OpenAIVariationsSerializer,
        responses=_ANSWERS,
    )
)
class VariationsView(PicturesView):
    operation = VARY
    body = OpenAIVariationsSerializer
    topic = "image_generation"


class ModelsView(OpenAIView):
    @extend_schema(
        operation_id="openai_models",
        summary="List the models that can paint here",
        responses=OpenAIModelListSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response({"object": "list", "data": _usable()})


class ModelView(OpenAIView):
    @extend_schema(operation_id="openai_model", summary="Look at a model", responses=OpenAIModelSerializer)
    def get(self, request: Request, model_id: str) -> Response:
        for model in _usable():
            if model["id"] == model_id:
                return Response(model)
        raise NotFound("There is no such model here.")


def _usable() -> list[dict[str, Any]]:
    return [
        {"id": model.entry.id, "object": "model", "created": 0, "owned_by": model.entry.licence}
        for model in models.list_models()
        if model.entry.task in (IMAGE_TASK, EDITING_TASK) and model.installed and model.accepted
    ]


def _data(images: Sequence[SavedImage], request: Request | None) -> list[dict[str, Any]]:
    """The pictures, as URLs of this server where the `request` is given."""
    pictures = responses.present([image.image_id for image in images], request)
    return [
        {
            "b64_json": None if request else picture,
            "url": picture if request else None,
            "revised_prompt": None,
            "seed": image.seed,
        }
        for picture, image in zip(pictures, images, strict=True)
    ]
