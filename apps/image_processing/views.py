"""`/api/v1/image-processing/`: for each tool a call that waits, and an `/async/` twin where it is a job."""

from collections.abc import Sequence
from typing import Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from apps.image_processing.bodies import PipelineSerializer, SyncPipelineSerializer, body_of
from apps.image_processing.operations import PIPELINE, EditOutput, operation_name
from apps.image_processing.serializers import ExtractResultSerializer, ProcessedResultSerializer
from apps.image_processing.tools import Tool
from core.api.views import StudioView
from core.images import responses
from core.jobs.calls import AnsweringView, AsyncOperationView, InlineOperationView, SyncOperationView
from core.jobs.serializers import JobSerializer


class EditAnswer(AnsweringView):
    """How an edit is answered."""

    result: type[serializers.Serializer[Any]] = ProcessedResultSerializer

    def answer(self, output: EditOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {
            "image_bytes": pictures[0],
            "width": output.width,
            "height": output.height,
            "model_used": output.model,
            "processing_time": output.processing_time,
            "history_id": output.history_id,
        }


class ExtractAnswer(EditAnswer):
    """What clients of older studios expect of `extract-object/`."""

    result = ExtractResultSerializer

    def answer(self, output: EditOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {"extracted_image": pictures[0], "error": None}


def sync_view(tool: Tool) -> type[StudioView]:
    """The view of the call that waits for `tool`."""
    answer = ExtractAnswer if tool.name == "extract_object" else EditAnswer
    base = SyncOperationView if tool.is_job else InlineOperationView
    body = body_of(tool.name, main=tool.main, sync=True)
    members = {"operation": operation_name(tool.name), "body": body, "__module__": __name__}
    view = cast(type[StudioView], type(f"{tool.edit.__name__}View", (answer, base), members))
    return _described(view, tool.name, tool.summary, body, responses.picture_schema(answer.result))


def async_view(tool: Tool) -> type[StudioView]:
    """The view that queues `tool`."""
    body = body_of(tool.name, main=tool.main, sync=False)
    members = {"operation": operation_name(tool.name), "body": body, "__module__": __name__}
    view = cast(type[StudioView], type(f"{tool.edit.__name__}AsyncView", (AsyncOperationView,), members))
    return _described(view, f"{tool.name}_async", f"{tool.summary}, as a job", body, {202: JobSerializer})


def _described(
    view: type[StudioView], name: str, summary: str, request: Any, answers: dict[Any, Any]
) -> type[StudioView]:
    schema = extend_schema(
        operation_id=f"image_processing_{name}", summary=summary, request=request, responses=answers
    )
    return extend_schema_view(post=schema)(view)


@extend_schema_view(
    post=extend_schema(
        operation_id="image_processing_pipeline",
        summary="Make several edits, one after the other",
        request=SyncPipelineSerializer,
        responses=responses.picture_schema(ProcessedResultSerializer),
    )
)
class PipelineView(EditAnswer, SyncOperationView):
    operation = operation_name(PIPELINE)
    body = SyncPipelineSerializer


@extend_schema_view(
    post=extend_schema(
        operation_id="image_processing_pipeline_async",
        summary="Make several edits, one after the other, as a job",
        request=PipelineSerializer,
        responses={202: JobSerializer},
    )
)
class PipelineAsyncView(AsyncOperationView):
    operation = operation_name(PIPELINE)
    body = PipelineSerializer
