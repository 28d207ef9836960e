"""`/api/v1/jobs/`: look at jobs, follow them, cancel them, fetch what they made."""

import base64
from typing import Any, ClassVar
from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.accounts.authentication import TicketAuthentication
from core.api.asgi import check_can_stream
from core.api.fields import ChoiceField
from core.api.pagination import NewestFirstPagination, PageSerializer
from core.api.renderers import EventStreamRenderer, JSONRenderer
from core.api.views import StudioView
from core.exceptions import WrongState
from core.images import responses, store
from core.jobs import services
from core.jobs.models import Job, JobImage, Status
from core.jobs.serializers import (
    CancelSerializer,
    JobSerializer,
    ResultSerializer,
    UnfinishedJobSerializer,
)
from core.jobs.sse import event_stream


class JobFilterSerializer(serializers.Serializer[Any]):
    status = ChoiceField(choices=Status.choices, required=False)
    kind = serializers.CharField(max_length=100, required=False)


class ResultOptionsSerializer(serializers.Serializer[Any]):
    response_format = ChoiceField(choices=("b64", "url"), default="b64")


class JobPageSerializer(PageSerializer):
    results = JobSerializer(many=True)


class JobListView(StudioView):
    @extend_schema(
        operation_id="jobs_list",
        summary="List your jobs",
        parameters=[JobFilterSerializer, OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=JobPageSerializer,
    )
    def get(self, request: Request) -> Response:
        wanted = JobFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        pagination = NewestFirstPagination()
        jobs = services.jobs_of(owner=self.owner).filter(**wanted.validated_data)
        page = pagination.paginate_queryset(jobs, request, view=self)
        return pagination.get_paginated_response(
            [JobSerializer(job, context={"request": request}).data for job in page or ()]
        )


class JobView(StudioView):
    own_errors: ClassVar = {"DELETE": {409}}

    @extend_schema(operation_id="jobs_retrieve", summary="Look at a job", responses=JobSerializer)
    def get(self, request: Request, job_id: str) -> Response:
        job = services.get(job_id=UUID(job_id), owner=self.owner)
        return Response(JobSerializer(job, context={"request": request}).data)

    @extend_schema(operation_id="jobs_destroy", summary="Delete a finished job", responses={204: None})
    def delete(self, request: Request, job_id: str) -> Response:
        services.delete(services.get(job_id=UUID(job_id), owner=self.owner))
        return Response(status=204)


class JobResultView(StudioView):
    own_errors: ClassVar = {"GET": {413}}

    @extend_schema(
        operation_id="jobs_result",
        summary="Fetch what a job made",
        parameters=[ResultOptionsSerializer],
        responses={200: ResultSerializer, 409: UnfinishedJobSerializer},
    )
    def get(self, request: Request, job_id: str) -> Response:
        job = services.get(job_id=UUID(job_id), owner=self.owner)
        try:
            services.check_done(job)
        except WrongState as error:
            if job.status == Status.ERROR:
                raise
            shown = JobSerializer(job, context={"request": request}).data
            said = {"detail": error.message, "code": error.error_code, "request_id": self.request_id}
            return Response({**said, **shown}, status=409)
        wanted = ResultOptionsSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        as_url = wanted.validated_data["response_format"] == "url"
        made = _outputs(job)
        if not as_url:
            responses.check_size([each.image.bytes for each in made])
        images = [_result_image(each, request if as_url else None) for each in made]
        result = job.result or {}
        return Response(
            {
                "task_id": str(job.pk),
                "status": "done",
                "image": images[0]["image"] if images else None,
                "images": images,
                "metadata": result.get("metadata", {}),
                "debug_info": result.get("debug_info", {}),
            }
        )


class JobCancelView(StudioView):
    @extend_schema(
        operation_id="jobs_cancel", summary="Cancel a job", request=None, responses=CancelSerializer
    )
    def post(self, request: Request, job_id: str) -> Response:
        job = services.get(job_id=UUID(job_id), owner=self.owner)
        success = services.cancel(job)
        message = "Cancelled, or stopping before its next step." if success else "The job had already ended."
        return Response({"success": success, "message": message, "task_id": str(job.pk)})


class JobStreamView(StudioView):
    """Server-Sent Events. `Last-Event-ID` (or `?last_event_id=`) resumes behind that event."""

    renderer_classes = (EventStreamRenderer, JSONRenderer)
    # Tickets are only looked for here, because an EventSource can send no headers.
    authentication_classes = (TicketAuthentication, *StudioView.authentication_classes)

    @extend_schema(
        operation_id="jobs_stream",
        summary="Follow a job as Server-Sent Events",
        parameters=[
            OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER),
            OpenApiParameter("last_event_id", str),
            OpenApiParameter("ticket", str, description="From POST /auth/stream-ticket/."),
        ],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        job = services.get(job_id=UUID(job_id), owner=self.owner)
        check_can_stream(request)
        after = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id")
        stream: StreamingHttpResponse = event_stream(job, after)
        return stream


def _outputs(job: Job) -> list[JobImage]:
    made = job.images.filter(role=JobImage.Role.OUTPUT).select_related("image")
    return list(made)


def _result_image(made: JobImage, request: Request | None) -> dict[str, Any]:
    if request is None:
        content = base64.b64encode(store.read(made.image)).decode("ascii")
    else:
        content = request.build_absolute_uri(store.content_path(made.image_id))
    return {"index": made.index, "seed": made.seed, "image_id": str(made.image_id), "image": content}
