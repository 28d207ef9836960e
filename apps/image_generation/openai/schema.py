"""What the operations of this API have in common in the OpenAPI schema."""

from typing import Any

from apps.image_generation.openai.serializers import OpenAIErrorAnswerSerializer
from core.api.error_responses import response
from core.api.schema import StudioSchema


class OpenAISchema(StudioSchema):
    """Tags them, and gives their errors the shape of this API."""

    def get_tags(self) -> list[str]:
        return ["openai"]

    def error(self, status: int) -> dict[str, Any]:
        return response(status, self.resolve_serializer(OpenAIErrorAnswerSerializer, "response").ref)
