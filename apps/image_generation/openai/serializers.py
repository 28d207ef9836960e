"""What the requests may say, and what becomes of it: the fields of our own calls, and the `Wishes`."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from apps.image_generation.openai.fields import AlphaMaskField, SizeField
from core.api.fields import (
    ChoiceField,
    FiniteFloatField,
    ModelIdField,
    PromptField,
    SeedField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from core.api.serializers import StrictSerializer
from core.images.encoding import FORMATS
from core.images.fields import PictureField

# What their clients may send, and what makes no difference here.
_WITHOUT_EFFECT = (
    "quality",
    "background",
    "user",
    "safety_identifier",
    "moderation",
    "style",
    "input_fidelity",
)


@dataclass(frozen=True)
class Wishes:
    """How the answer is to be: with URLs, as a stream, with how many unfinished pictures in it."""

    as_url: bool
    stream: bool
    partial_images: int


def _ignored() -> StrictCharField:
    return StrictCharField(required=False, allow_blank=True, max_length=255, help_text="Without effect.")


class RequestSerializer(StrictSerializer):
    """Their fields, and four of ours (`extra_body` in their clients): `negative_prompt`,
    `num_inference_steps`, `guidance_scale` and `seed`.
    """

    model = ModelIdField(help_text="An id from /v1/models; the default model, if absent.")
    n = StrictIntegerField(min_value=1, max_value=8, required=False, help_text="How many pictures: 1.")
    size = SizeField(least=128)
    output_format = ChoiceField(choices=FORMATS, required=False, help_text="png by default.")
    output_compression = StrictIntegerField(
        min_value=0, max_value=100, required=False, help_text="Of a JPEG or WebP: how good it is, in percent."
    )
    response_format = ChoiceField(choices=("b64_json", "url"), required=False, help_text="b64_json.")
    quality = _ignored()
    background = ChoiceField(
        choices=("auto", "opaque"), required=False, help_text="For none see /api/v1/background-removal/."
    )
    user = _ignored()
    safety_identifier = _ignored()
    stream = StrictBooleanField(required=False, help_text="Answer with Server-Sent Events.")
    partial_images = StrictIntegerField(
        min_value=0, max_value=3, required=False, help_text="Unfinished pictures in the stream."
    )
    negative_prompt = PromptField(required=False, allow_blank=True, help_text="What it must not show.")
    num_inference_steps = StrictIntegerField(min_value=1, max_value=100, required=False)
    guidance_scale = FiniteFloatField(min_value=0, max_value=20, required=False)
    seed = SeedField(help_text="The same seed gives the same picture. -1: random.")

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and not isinstance(data, MultiValueDict):
            data = {name: value for name, value in data.items() if value is not None}  # as good as left out
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The fields of our own call, and under `wishes` the Wishes."""
        wishes = Wishes(
            as_url=attrs.pop("response_format", "b64_json") == "url",
            stream=attrs.pop("stream", False),
            partial_images=attrs.pop("partial_images", 0),
        )
        for name in _WITHOUT_EFFECT:
            attrs.pop(name, None)
        if size := attrs.pop("size", None):
            attrs["width"], attrs["height"] = size
        if (compression := attrs.pop("output_compression", None)) is not None:
            attrs["quality"] = max(1, compression)
        if wishes.stream and wishes.partial_images:
            attrs["previews"] = True
        return {**attrs, "wishes": wishes}


class OpenAIGenerationsSerializer(RequestSerializer):
    prompt = PromptField(help_text="What the picture shows.")
    moderation = _ignored()
    style = _ignored()  # type: ignore[assignment]  # a field, not how this one is rendered

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (count := attrs.pop("n", None)) is not None:
            attrs["num_images"] = count
        return super().validate(attrs)


class OnePictureSerializer(RequestSerializer):
    """A request with one picture. Their clients call it `image[]` where they were given a list."""

    image = PictureField(help_text="The picture; one.")

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, MultiValueDict) and (pictures := data.getlist("image[]")):
            if len(pictures) > 1 or "image" in data:
                raise serializers.ValidationError({"image": ["One picture at a time."]})
            data = copy.copy(data)  # not `data.copy()`, which copies the files as well
            data.setlist("image", data.pop("image[]"))
        return super().to_internal_value(data)


class OpenAIEditsSerializer(OnePictureSerializer):
    prompt = PromptField(help_text="What the result shows.")
    mask = AlphaMaskField(
        required=False, help_text="A PNG of the picture's size, transparent where it is to change."
    )
    n = StrictIntegerField(min_value=1, max_value=1, required=False, help_text="Edits make one picture.")
    size = SizeField(least=256)
    background = ChoiceField(choices=("auto",), required=False, help_text="It stays as it is.")
    guidance_scale = FiniteFloatField(min_value=0.5, max_value=20, required=False)
    input_fidelity = _ignored()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop("n", None)
        attrs["input_image"] = attrs.pop("image")
        if mask := attrs.pop("mask", None):
            attrs |= {"conditional_images": [mask], "task_type": "inpaint"}
        return super().validate(attrs)


class OpenAIVariationsSerializer(OnePictureSerializer):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["num_variations"] = attrs.pop("n", 1)
        return super().validate(attrs)


class OpenAIPictureSerializer(serializers.Serializer[Any]):
    b64_json = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    revised_prompt = serializers.CharField(allow_null=True, help_text="Always null.")
    seed = serializers.IntegerField(allow_null=True)


class OpenAIPicturesSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField(help_text="Seconds since 1970.")
    background = serializers.CharField(allow_null=True, help_text="Null for an edit: that of its picture.")
    output_format = serializers.CharField()
    quality = serializers.CharField()
    size = serializers.CharField()
    data = OpenAIPictureSerializer(many=True)  # type: ignore[assignment]  # a field, not the serializer's data
    usage = serializers.JSONField(allow_null=True, help_text="Always null: nothing is counted in tokens.")


class OpenAIErrorSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    type = serializers.CharField()
    param = serializers.CharField(allow_null=True, help_text="The field at fault.")
    code = serializers.CharField(help_text="Ours, see the errors of the other calls.")


class OpenAIErrorAnswerSerializer(serializers.Serializer[Any]):
    error = OpenAIErrorSerializer()


class OpenAIModelSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    object = serializers.CharField()
    created = serializers.IntegerField(help_text="Always 0.")
    owned_by = serializers.CharField(help_text="The model's licence.")


class OpenAIModelListSerializer(serializers.Serializer[Any]):
    object = serializers.CharField()
    data = OpenAIModelSerializer(many=True)  # type: ignore[assignment]  # a field, not the serializer's data
