"""`/api/v1/image-generation/loras/` and `train/`."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.image_generation.loras import services
from apps.image_generation.loras.serializers import InstalledLoraSerializer
from core.api.views import StudioView


class LorasView(StudioView):
    @extend_schema(
        operation_id="image_generation_loras",
        summary="List the LoRAs a request may name",
        responses=InstalledLoraSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(InstalledLoraSerializer(services.installed(), many=True).data)
