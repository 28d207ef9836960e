"""`/api/v1/prompt-refinement/`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from apps.prompt_refinement.operations import EXTRACT_NEGATIVE, REFINE, VALIDATE
from apps.prompt_refinement.serializers import (
    ExtractNegativeResultSerializer,
    ExtractNegativeSerializer,
    RefineResultSerializer,
    RefineSerializer,
    ValidateResultSerializer,
    ValidateSerializer,
)
from core.jobs.calls import InlineOperationView


class PromptView(InlineOperationView):
    """Answers with the fields of the operation's output."""

    def answer(self, output: Any, pictures: Sequence[str]) -> dict[str, Any]:
        return asdict(output)


@extend_schema_view(
    post=extend_schema(
        operation_id="prompt_refinement_refine",
        summary="Refine a prompt",
        request=RefineSerializer,
        responses=RefineResultSerializer,
    )
)
class RefineView(PromptView):
    operation = REFINE
    body = RefineSerializer


@extend_schema_view(
    post=extend_schema(
        operation_id="prompt_refinement_validate",
        summary="Say what is wrong with a prompt",
        request=ValidateSerializer,
        responses=ValidateResultSerializer,
    )
)
class ValidateView(PromptView):
    operation = VALIDATE
    body = ValidateSerializer


@extend_schema_view(
    post=extend_schema(
        operation_id="prompt_refinement_extract_negative",
        summary="Move what a prompt does not want into a negative prompt",
        request=ExtractNegativeSerializer,
        responses=ExtractNegativeResultSerializer,
    )
)
class ExtractNegativeView(PromptView):
    operation = EXTRACT_NEGATIVE
    body = ExtractNegativeSerializer
