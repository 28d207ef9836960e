"""`/api/v1/background-removal/`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.background_removal import services
from apps.background_removal.operations import BATCH, REMOVE, BatchInput, RemoveOutput
from apps.background_removal.serializers import (
    BatchJobSerializer,
    BatchSerializer,
    RemoveResultSerializer,
    RemoveSerializer,
    SyncRemoveSerializer,
)
from core.api.archives import Member, zip_response
from core.api.views import StudioView
from core.images import responses
from core.jobs.calls import AsyncOperationView, SyncOperationView
from core.jobs.models import Job, JobImage
from core.jobs.serializers import JobSerializer
from core.operations import Input


@extend_schema_view(
    post=extend_schema(
        operation_id="background_removal_remove",
        summary="Remove the background of a photo and wait for it",
        request=SyncRemoveSerializer,
        responses=responses.picture_schema(RemoveResultSerializer),
    )
)
class RemoveView(SyncOperationView):
    operation = REMOVE
    body = SyncRemoveSerializer

    def prepare(self, given: Mapping[str, Any]) -> Input:
        """An answer that is the picture alone has no room for the mask: it is not even kept."""
        return super().prepare({**given, "keep_mask": responses.accepted_format(self.request) is None})

    def answer(self, output: RemoveOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {
            "image_bytes": pictures[0],
            "mask_bytes": pictures[-1],  # a mask that was asked for is its own
            "model_used": output.model,
            "processing_time": output.processing_time,
            "history_id": output.history_id,
            "metadata": output.metadata,
        }


@extend_schema_view(
    post=extend_schema(
        operation_id="background_removal_remove_async",
        summary="Queue the removal of a background",
        request=RemoveSerializer,
        responses={202: JobSerializer},
    )
)
class RemoveAsyncView(AsyncOperationView):
    operation = REMOVE
    body = RemoveSerializer


@extend_schema_view(
    post=extend_schema(
        operation_id="background_removal_batch",
        summary="Queue the removal of up to 32 backgrounds",
        request=BatchSerializer,
        responses={202: BatchJobSerializer},
    )
)
class BatchView(AsyncOperationView):
    operation = BATCH
    body = BatchSerializer

    def post(self, request: Request) -> Response:
        response = super().post(request)
        task = {"task_id": response.data["task_id"]}
        download = reverse("background-removal-batch-download", kwargs=task, request=request)
        response.data["links"]["download"] = f"{download}/"
        return response

    def echo(self, work: BatchInput) -> dict[str, Any]:
        return {"rejected": [asdict(each) for each in work.rejected]}


class BatchDownloadView(StudioView):
    own_errors: ClassVar = {"GET": {409}}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A zip is what there is, whatever Accept prefers."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="background_removal_batch_download",
        summary="Fetch the pictures of a batch as a zip",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, task_id: str) -> HttpResponseBase:
        job = services.finished_batch(task_id=UUID(task_id), owner=self.owner)
        members = [*_members(job)]  # whoever writes the zip has no connection to the database
        return zip_response(request, f"batch-{job.pk}.zip", members)


def _members(job: Job) -> Iterator[Member]:
    """`results.json`, then the pictures, numbered from 1 as they came in the request."""
    results = (job.result or {})["metadata"]["results"]
    yield "results.json", json.dumps(results, indent=2).encode()
    for made in job.images.filter(role=JobImage.Role.OUTPUT).select_related("image").order_by("index"):
        yield f"{made.index + 1:02d}.{made.image.format}", made.image.file
