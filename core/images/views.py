"""`/api/v1/images/`: pictures that later requests name instead of sending them again."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.core.files import File
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import operations
from core.api.asgi import is_asgi
from core.api.renderers import PICTURE_RENDERERS
from core.api.views import StudioView
from core.exceptions import NotFound, StudioError
from core.images import preparations, store
from core.images.encoding import FORMATS
from core.images.models import StoredImage
from core.images.picture import Picture
from core.images.receiving import receiving
from core.images.serializers import ImageSerializer, UploadedSerializer, UploadSerializer
from core.jobs import services as jobs

log = structlog.get_logger(__name__)

_CHUNK = 256 * 1024


@extend_schema(tags=["images"])
class ImagesView(StudioView):
    @extend_schema(
        operation_id="images_create",
        summary="Upload a picture",
        description="It is turned upright and loses its metadata, but for the mark of what a model made. "
        "The same bytes give the same `image_id`.",
        request=UploadSerializer,
        responses={201: UploadedSerializer},
    )
    def post(self, request: Request) -> Response:
        with receiving(request, UploadSerializer):
            given = self.validated(UploadSerializer)
            picture: Picture = given["picture"]
            image = store.put(owner=self.owner.id, picture=picture)
        answer = dict(ImageSerializer(image).data)
        if given["prepare"]:
            answer["preparing"] = self._begin(given["prepare"], Picture(picture.data, image.pk))
        return Response(answer, status=201)

    def _begin(self, name: str, picture: Picture) -> UUID | None:
        """Queues what the upload asked for. It is a favour: the upload succeeds without it."""
        operation = preparations.known()[name]
        try:
            work = operations.prepare(operation, owner=self.owner.id, image=picture)
            job = jobs.queued(job_id=self.job_id, owner=self.owner) or jobs.submit(
                operation=operation,
                input=work,
                owner=self.owner,
                request_id=self.request_id,
                priority=-1,
                job_id=self.job_id,
            )
        except StudioError as error:
            log.info("preparation_refused", operation=operation, code=error.error_code)
            return None
        return job.pk


@extend_schema(tags=["images"])
class ImageView(StudioView):
    own_errors: ClassVar = {"DELETE": {409}}

    @extend_schema(operation_id="images_retrieve", summary="Look at an image", responses=ImageSerializer)
    def get(self, request: Request, image_id: str) -> Response:
        image = store.get(image_id=UUID(image_id), owner=self.owner.id)
        return Response(ImageSerializer(image).data)

    @extend_schema(
        operation_id="images_destroy",
        summary="Delete an image",
        description="409 `in_use` while a job or an entry of a history refers to it.",
        responses={204: None},
    )
    def delete(self, request: Request, image_id: str) -> Response:
        jobs.release_answered()  # or a call that is over would still refer to it for some seconds
        store.delete(image_id=UUID(image_id), owner=self.owner.id)
        return Response(status=204)


@extend_schema(tags=["images"])
class ImageContentView(StudioView):
    renderer_classes = PICTURE_RENDERERS

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A stored picture is of the type it is, whatever Accept prefers."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="images_content",
        summary="Fetch the bytes of an image",
        responses={(200, f"image/{kind}"): OpenApiTypes.BINARY for kind in FORMATS},
    )
    def get(self, request: Request, image_id: str) -> HttpResponseBase:
        image = store.get(image_id=UUID(image_id), owner=self.owner.id)
        etag = quote_etag(image.sha256)
        response = get_conditional_response(request._request, etag=etag) or _content(request, image)
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"  # may be kept, but whose it is gets asked every time
        return response


def _content(request: Request, image: StoredImage) -> StreamingHttpResponse:
    try:
        file = image.file.open("rb")
    except FileNotFoundError:
        raise NotFound("There is no such image any more.") from None
    return StreamingHttpResponse(
        _async_chunks(file) if is_asgi(request) else _chunks(file),
        content_type=f"image/{image.format}",
        headers={
            "Content-Length": str(image.bytes),
            "Content-Disposition": f'inline; filename="{image.pk}.{image.format}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _chunks(file: "File[bytes]") -> Iterator[bytes]:
    with file:
        yield from file.chunks(_CHUNK)


async def _async_chunks(file: "File[bytes]") -> AsyncIterator[bytes]:
    try:
        while chunk := await sync_to_async(file.read, thread_sensitive=False)(_CHUNK):
            yield chunk
    finally:
        file.close()
