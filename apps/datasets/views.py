"""`/api/v1/datasets/`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.datasets import card, making, services
from apps.datasets.operations import GENERATE, GenerateInput, GenerateOutput
from apps.datasets.serializers import (
    DatasetJobSerializer,
    DatasetListSerializer,
    DatasetResultSerializer,
    DatasetSerializer,
    GenerateDatasetSerializer,
    ListQuerySerializer,
    PreviewSerializer,
    SyncGenerateDatasetSerializer,
    download_link,
)
from core.api.archives import zip_response
from core.api.renderers import JSONRenderer, PNGRenderer
from core.api.views import StudioView
from core.exceptions import InvalidInput
from core.images import responses
from core.jobs.calls import AsyncOperationView, SyncOperationView
from core.jobs.models import Job
from core.operations import Input

# A call that waits is for trying out: a set takes minutes.
MOST_AT_ONCE = 4


class DatasetsView(StudioView):
    @extend_schema(
        operation_id="datasets_list",
        summary="List your datasets, newest first",
        parameters=[OpenApiParameter("limit", int, description="100, at most 1000.")],
        responses=DatasetListSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        query = ListQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = services.datasets_of(owner=self.owner.id)[: query.validated_data["limit"]]
        return Response(DatasetListSerializer(found, many=True).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="datasets_generate",
        summary="Make a small dataset and wait for it",
        request=SyncGenerateDatasetSerializer,
        responses=responses.picture_schema(DatasetResultSerializer, kinds=("png",)),
    )
)
class GenerateView(SyncOperationView):
    renderer_classes = (JSONRenderer, PNGRenderer)  # a set's pictures are PNGs
    operation = GENERATE
    body = SyncGenerateDatasetSerializer

    def prepare(self, given: Mapping[str, Any]) -> Input:
        if given["output_size"] > MOST_AT_ONCE:
            raise InvalidInput.for_field(
                "output_size",
                f"A call that waits makes at most {MOST_AT_ONCE} pictures. Use /datasets/generate/async/.",
                code="use_async",
            )
        return super().prepare(given)

    def answer(self, output: GenerateOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {
            "id": output.dataset_id,
            "class_label": output.class_label,
            "noise_level": output.noise_level,
            "output_size": output.output_size,
            "preview": pictures,
            "download_link": download_link(self.request, output.dataset_id),
        }


@extend_schema_view(
    post=extend_schema(
        operation_id="datasets_generate_async",
        summary="Queue a dataset",
        request=GenerateDatasetSerializer,
        responses={202: DatasetJobSerializer},
    )
)
class GenerateAsyncView(AsyncOperationView):
    operation = GENERATE
    body = GenerateDatasetSerializer

    def queued(self, work: GenerateInput, job: Job) -> None:
        making.begin(work, owner=self.owner.id, run_id=str(job.pk), request_id=self.request_id)

    def echo(self, work: GenerateInput) -> dict[str, Any]:
        return {"dataset_id": work.dataset_id, "class_label": work.class_label}


class DatasetView(StudioView):
    own_errors: ClassVar = {"DELETE": {409}}

    @extend_schema(operation_id="datasets_retrieve", summary="Look at a dataset", responses=DatasetSerializer)
    def get(self, request: Request, dataset_id: str) -> Response:
        dataset = services.get(dataset_id=UUID(dataset_id), owner=self.owner.id)
        return Response(DatasetSerializer(dataset, context={"request": request}).data)

    @extend_schema(
        operation_id="datasets_destroy", summary="Delete a dataset and its files", responses={204: None}
    )
    def delete(self, request: Request, dataset_id: str) -> Response:
        services.delete(services.get(dataset_id=UUID(dataset_id), owner=self.owner.id))
        return Response(status=204)


class PreviewView(StudioView):
    @extend_schema(
        operation_id="datasets_preview",
        summary="See some of a dataset's pictures",
        responses=PreviewSerializer,
    )
    def get(self, request: Request, dataset_id: str) -> Response:
        dataset = services.get(dataset_id=UUID(dataset_id), owner=self.owner.id)
        return Response({"id": dataset.pk, "preview": services.previews(dataset)})


class DownloadView(StudioView):
    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A zip is what there is, whatever Accept prefers."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="datasets_download",
        summary="Fetch a dataset as a zip",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, dataset_id: str) -> HttpResponseBase:
        dataset = services.get(dataset_id=UUID(dataset_id), owner=self.owner.id)
        members = card.members(dataset, services.pictures_of(dataset))
        return zip_response(request, f"dataset-{dataset.pk}.zip", members)
