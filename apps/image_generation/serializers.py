"""What a generation request may say, and how its answer looks."""

from typing import Any

from rest_framework import serializers

from apps.image_generation.fields import SchedulerField
from apps.image_generation.loras.serializers import LoraChoiceSerializer
from core.api.fields import (
    ChoiceField,
    FiniteFloatField,
    ModelIdField,
    PromptField,
    QualityField,
    SeedField,
    StrictBooleanField,
    StrictIntegerField,
)
from core.api.serializers import StrictSerializer
from core.images.encoding import FORMATS
from core.images.fields import PictureField, PictureSerializer
from core.images.serializers import SyncAnswerSerializer
from core.jobs.serializers import JobSerializer


class GenerateSerializer(LoraChoiceSerializer, StrictSerializer):
    """Everything but the prompt may be left out: the model's own recommendation then applies."""

    prompt = PromptField(help_text="What the picture shows.")
    negative_prompt = PromptField(required=False, allow_blank=True, help_text="What it must not.")
    width = StrictIntegerField(min_value=128, max_value=2048, required=False, help_text="Pixels.")
    height = StrictIntegerField(min_value=128, max_value=2048, required=False, help_text="Pixels.")
    num_inference_steps = StrictIntegerField(min_value=1, max_value=100, required=False)
    guidance_scale = FiniteFloatField(
        min_value=0, max_value=20, required=False, help_text="How closely to follow the prompt."
    )
    seed = SeedField(
        help_text="The same seed gives the same picture, to the byte with `deterministic`. -1: random."
    )
    num_images = StrictIntegerField(
        min_value=1, max_value=8, required=False, help_text="With the seeds seed, seed + 1, ..."
    )
    model = ModelIdField(help_text="auto (the default), or an id from /models/.")
    scheduler = SchedulerField(required=False)
    output_format = ChoiceField(choices=FORMATS, required=False, help_text="png by default.")
    quality = QualityField()
    previews = StrictBooleanField(required=False, help_text="Stream small pictures of what is being painted.")
    deterministic = StrictBooleanField(
        required=False,
        help_text="Insist on running alone: the same seed gives the same bytes whatever else runs.",
    )


class SyncGenerateSerializer(SyncAnswerSerializer, GenerateSerializer):
    pass


class VariationsSerializer(GenerateSerializer, PictureSerializer):
    """Variations of a prompt (other seeds), or of an image (painted over, to some `strength`)."""

    num_images = None  # type: ignore[assignment]  # here they are called variations
    prompt = PromptField(required=False, allow_blank=True, help_text="Needed where there is no image.")
    image = PictureField(required=False, help_text="What to vary; width and height are then its own.")
    strength = FiniteFloatField(
        min_value=0.05, max_value=1, required=False, help_text="How far to go from the image; 0.6 by default."
    )
    num_variations = StrictIntegerField(
        min_value=1, max_value=8, required=False, help_text="4 by default, with the seeds seed, seed + 1, ..."
    )


class SyncVariationsSerializer(SyncAnswerSerializer, VariationsSerializer):
    pass


class GeneratedImageSerializer(serializers.Serializer[Any]):
    image_bytes = serializers.CharField(help_text="Base64, or a URL with response_format=url.")
    seed = serializers.IntegerField()


class PaintJobSerializer(JobSerializer):
    """The job of a picture."""

    prompt = serializers.CharField()


class GenerateResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    image_bytes = serializers.CharField(help_text="The first picture.")
    images = GeneratedImageSerializer(many=True)
    generation_time = serializers.FloatField(help_text="Seconds in the worker.")
    model_used = serializers.CharField()
    parameters_used = serializers.DictField()
    metadata = serializers.DictField()


class VariationsResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    variations = GeneratedImageSerializer(many=True)
    generation_time = serializers.FloatField(help_text="Seconds in the worker.")
    model_used = serializers.CharField()
    parameters_used = serializers.DictField()
    metadata = serializers.DictField()


class SchedulerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField(help_text="As it is usually called.")
