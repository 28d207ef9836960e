"""`/api/v1/image-generation/edit/`, the words it knows, and the pictures behind its results."""

from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.image_generation import macros
from apps.image_generation.editing import services
from apps.image_generation.editing.operations import EDIT, EditInput, EditOutput
from apps.image_generation.editing.serializers import (
    EditResultSerializer,
    EditSerializer,
    MacroSerializer,
    RequestImagesSerializer,
    SyncEditSerializer,
)
from apps.image_generation.serializers import PaintJobSerializer
from core.api.views import StudioView
from core.images import responses, store
from core.jobs.calls import AsyncOperationView, SyncOperationView


@extend_schema_view(
    post=extend_schema(
        operation_id="image_generation_edit",
        summary="Change a picture and wait for it",
        request=SyncEditSerializer,
        responses=responses.picture_schema(EditResultSerializer),
    )
)
class EditView(SyncOperationView):
    operation = EDIT
    body = SyncEditSerializer

    def answer(self, output: EditOutput, pictures: Sequence[str]) -> dict[str, Any]:
        return {
            "image": pictures[0],
            "generation_time": output.generation_time,
            "model_used": output.model,
            "parameters_used": output.parameters,
            "metadata": output.metadata,
            "debug_info": output.debug_info,
        }


@extend_schema_view(
    post=extend_schema(
        operation_id="image_generation_edit_async",
        summary="Queue a change of a picture",
        request=EditSerializer,
        responses={202: PaintJobSerializer},
    )
)
class EditAsyncView(AsyncOperationView):
    operation = EDIT
    body = EditSerializer

    def echo(self, work: EditInput) -> dict[str, Any]:
        return {"prompt": work.prompt}


class MacrosView(StudioView):
    """The words of one kind."""

    kind: ClassVar[macros.Kind]

    def get(self, request: Request) -> Response:
        return Response(MacroSerializer(list(macros.all_of(self.kind).values()), many=True).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="image_generation_angles",
        summary="List the angles an edit may name",
        responses=MacroSerializer(many=True),
    )
)
class AnglesView(MacrosView):
    kind = "angle"


@extend_schema_view(
    get=extend_schema(
        operation_id="image_generation_background_presets",
        summary="List the backgrounds an edit may name",
        responses=MacroSerializer(many=True),
    )
)
class BackgroundPresetsView(MacrosView):
    kind = "background_preset"


@extend_schema_view(
    get=extend_schema(
        operation_id="image_generation_styles",
        summary="List the styles an edit may name",
        responses=MacroSerializer(many=True),
    )
)
class StylesView(MacrosView):
    kind = "style"


class RequestImagesView(StudioView):
    @extend_schema(
        operation_id="image_generation_request_images",
        summary="List the pictures behind an edit, for an hour",
        responses=RequestImagesSerializer,
    )
    def get(self, request: Request, request_id: str) -> Response:
        kept = services.request_images(owner=self.owner.id, request_id=request_id)
        images = [
            {
                "label": each.label,
                "image_id": each.image_id,
                "url": request.build_absolute_uri(store.content_path(each.image_id)),
                "width": each.width,
                "height": each.height,
            }
            for each in kept
        ]
        return Response(RequestImagesSerializer({"request_id": request_id, "images": images}).data)
