"""What these calls may say, and how their answers look."""

from typing import Any, ClassVar, get_args

from rest_framework import serializers

from apps.prompt_refinement.operations import Method
from core.api.fields import (
    LONGEST_PROMPT,
    ChoiceField,
    JSONTextField,
    ModelIdField,
    PromptField,
    StrictCharField,
)
from core.api.serializers import StrictSerializer


class ContextSerializer(JSONTextField, StrictSerializer):
    """An object; in a form, the JSON text of one."""

    default_error_messages: ClassVar = {"not_json": "This must be a JSON object; in a form, the text of one."}

    style = StrictCharField(  # type: ignore[assignment]  # a Field has an attribute of this name
        max_length=100, required=False, allow_blank=True, help_text="A style's name, or any words."
    )
    model = ModelIdField(help_text="The model that will read the prompt, see /models/.")


class RefineSerializer(StrictSerializer):
    prompt = PromptField(help_text="In English or Vietnamese.")
    context = ContextSerializer(required=False)  # type: ignore[assignment]  # as above
    method = ChoiceField(
        choices=get_args(Method),
        required=False,
        help_text="auto: the language model where one is configured. Rules step in where it fails.",
    )


class ValidateSerializer(StrictSerializer):
    """Takes prompts that are too long or empty: to say so is what it is for."""

    prompt = StrictCharField(max_length=10 * LONGEST_PROMPT, allow_blank=True, trim_whitespace=False)
    context = ContextSerializer(required=False)  # type: ignore[assignment]  # as above


class ExtractNegativeSerializer(StrictSerializer):
    prompt = PromptField(help_text="In English or Vietnamese.")


class _ResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()


class RefineResultSerializer(_ResultSerializer):
    original_prompt = serializers.CharField()
    refined_prompt = serializers.CharField()
    negative_prompt = serializers.CharField()
    confidence_score = serializers.FloatField(help_text="0 to 1.")
    method_used = serializers.ChoiceField(choices=("rule_based", "llm"))
    processing_time = serializers.FloatField(help_text="Seconds.")
    language = serializers.ChoiceField(choices=("en", "vi", "und"))
    note = serializers.CharField(help_text="Why method_used is not what was asked for.")


class IssueSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.ChoiceField(choices=("error", "warning"))


class ValidateResultSerializer(_ResultSerializer):
    valid = serializers.BooleanField(help_text="No issue is an error.")
    issues = IssueSerializer(many=True)
    suggestions = serializers.ListField(child=serializers.CharField())
    length = serializers.IntegerField(help_text="Characters.")
    token_estimate = serializers.IntegerField()
    token_limit = serializers.IntegerField(help_text="What the model reads.")
    tokens_exact = serializers.BooleanField(help_text="Counted by the model's own tokenizer.")
    language = serializers.ChoiceField(choices=("en", "vi", "und"))


class ExtractNegativeResultSerializer(_ResultSerializer):
    prompt = serializers.CharField()
    negative_prompt = serializers.CharField()
    extracted = serializers.ListField(child=serializers.CharField())
