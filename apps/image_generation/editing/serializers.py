"""What a request for an edit may say, and how its answer looks."""

from typing import Any

from rest_framework import serializers

from apps.image_generation import macros
from apps.image_generation.editing.operations import QUALITIES, TASK_TYPES
from apps.image_generation.fields import SchedulerField
from apps.image_generation.loras.serializers import LoraChoiceSerializer
from core.api.fields import (
    ChoiceField,
    FiniteFloatField,
    JSONListField,
    LimitedListField,
    ModelIdField,
    PromptField,
    QualityField,
    SeedField,
    StrictBooleanField,
    StrictIntegerField,
)
from core.images.fields import ImageIdField, PictureField
from core.images.serializers import PictureAnswerSerializer, SyncAnswerSerializer

MOST_PICTURES = 8


def _macro_field(kind: macros.Kind, help_text: str) -> Any:
    choices = [name for macro in macros.all_of(kind).values() for name in (macro.name, *macro.aliases)]
    return ChoiceField(choices=choices, required=False, help_text=help_text)


class EditSerializer(LoraChoiceSerializer, PictureAnswerSerializer):
    """What is left out follows the task, the model and the picture."""

    task_type = ChoiceField(choices=TASK_TYPES, required=False, help_text="edit by default.")
    prompt = PromptField(
        required=False,
        allow_blank=True,
        help_text="What the result shows. edit, inpaint and style-transfer need it, or a macro.",
    )
    negative_prompt = PromptField(required=False, allow_blank=True)
    input_image = PictureField(help_text="The picture to change.")
    conditional_images = LimitedListField(
        child=PictureField(),
        required=False,
        max_length=MOST_PICTURES,
        help_text="First the mask, white where the picture is to change; the rest guide the model.",
    )
    conditional_image_ids = LimitedListField(
        child=ImageIdField(), required=False, max_length=MOST_PICTURES, help_text="The same as image ids."
    )
    reference_image = PictureField(required=False, help_text="insertion: what to insert.")
    reference_mask_R = PictureField(  # noqa: N815
        required=False, help_text="insertion: white where the object is in the reference picture."
    )
    width = StrictIntegerField(
        min_value=256, max_value=2048, required=False, help_text="The input's, if absent."
    )
    height = StrictIntegerField(
        min_value=256, max_value=2048, required=False, help_text="The input's, if absent."
    )
    padding = JSONListField(
        child=StrictIntegerField(min_value=0, max_value=2048),
        required=False,
        min_length=4,
        max_length=4,
        help_text="outpaint: pixels to add, [left, top, right, bottom].",
    )
    angle = _macro_field("angle", "See angles/.")
    background_preset = _macro_field("background_preset", "See background-presets/.")
    style = _macro_field("style", "See styles/.")
    strength = FiniteFloatField(
        min_value=0.05,
        max_value=1,
        required=False,
        help_text="How far the model may go from the picture. removal and insertion paint only with it.",
    )
    num_inference_steps = StrictIntegerField(min_value=1, max_value=100, required=False)
    guidance_scale = FiniteFloatField(min_value=0.5, max_value=20, required=False)
    true_cfg_scale = FiniteFloatField(
        min_value=0.5, max_value=15, required=False, help_text="Guidance of the Qwen-Image and FLUX models."
    )
    seed = SeedField(help_text="-1: random.")
    model = ModelIdField(help_text="auto (the default), or an id from /models/.")
    scheduler = SchedulerField(required=False)
    enable_flowmatch_scheduler = StrictBooleanField(
        required=False, help_text="Sample with Euler's method for flow matching; for models that match flows."
    )
    input_quality = ChoiceField(
        choices=QUALITIES,
        required=False,
        help_text="resized (default): the model sees the whole picture, reduced to the size it is used to. "
        "original: as many pixels as the picture has, around the mask if there is one. Either way the result "
        "is pasted back at full size.",
    )
    quality = QualityField()
    previews = StrictBooleanField(required=False, help_text="Stream small pictures of what is being painted.")
    deterministic = StrictBooleanField(required=False, help_text="Insist on running alone.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        by_id = attrs.pop("conditional_image_ids", None)
        if by_id and attrs.get("conditional_images"):
            raise serializers.ValidationError(
                {"conditional_images": ["Give either conditional_images or conditional_image_ids, not both."]}
            )
        if by_id:
            attrs["conditional_images"] = by_id
        if "padding" in attrs:
            attrs["padding"] = tuple(attrs["padding"])
        return attrs


class SyncEditSerializer(SyncAnswerSerializer, EditSerializer):
    pass


class DebugInfoSerializer(serializers.Serializer[Any]):
    conditional_images = serializers.ListField(
        child=serializers.UUIDField(), help_text="Ids of the pictures beside the input, kept for an hour."
    )
    conditional_labels = serializers.ListField(child=serializers.CharField())
    input_image_size = serializers.ListField(child=serializers.IntegerField(), help_text="Width, height.")
    output_image_size = serializers.ListField(child=serializers.IntegerField(), help_text="Width, height.")
    lora_adapter = serializers.CharField(allow_null=True)
    loaded_adapters = serializers.ListField(child=serializers.CharField())


class EditResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    image = serializers.CharField(help_text="Base64, or a URL with response_format=url.")
    generation_time = serializers.FloatField(help_text="Seconds in the worker.")
    model_used = serializers.CharField(help_text="A model, or the method of what needs none.")
    parameters_used = serializers.DictField()
    metadata = serializers.DictField(help_text="`ignored` names the fields that had no use here.")
    debug_info = DebugInfoSerializer()


class MacroSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="What a request says.")
    title = serializers.CharField()
    prompt = serializers.CharField(help_text="What it adds to the prompt.")
    negative_prompt = serializers.CharField()


class RequestImageSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(  # type: ignore[assignment]  # a field, not the field's label
        help_text="input, mask, composite (what the model began with), ..."
    )
    image_id = serializers.UUIDField()
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class RequestImagesSerializer(serializers.Serializer[Any]):
    request_id = serializers.CharField()
    images = RequestImageSerializer(many=True)
