"""How a model looks from outside."""

from typing import Any

from rest_framework import serializers

from core.model_manager.operations import ModelState


class RecommendedSerializer(serializers.Serializer[Any]):
    """What a request that leaves these out gets."""

    steps = serializers.IntegerField()
    guidance_scale = serializers.FloatField()
    true_cfg_scale = serializers.FloatField(help_text="0 where the model has no such thing.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")


class SizesSerializer(serializers.Serializer[Any]):
    """Which pictures the model itself makes, in pixels; other sizes are made close by and resized."""

    min_side = serializers.IntegerField()
    max_side = serializers.IntegerField()
    multiple_of = serializers.IntegerField()
    native = serializers.IntegerField(help_text="Side of the square it was trained on.")


class BatchingSerializer(serializers.Serializer[Any]):
    """How the model's denoising steps were shared since the worker started."""

    ticks = serializers.IntegerField(help_text="Forward passes.")
    mean_batch = serializers.FloatField(help_text="Requests in one forward pass.")
    largest_batch = serializers.IntegerField()
    mean_forward_seconds = serializers.FloatField()


class ModelSerializer(serializers.Serializer[Any]):
    """A model of the catalogue, and whether it is installed and loaded."""

    # Of a `services.Model`.
    id = serializers.CharField(source="entry.id")
    task = serializers.CharField(source="entry.task")
    family = serializers.CharField(source="entry.family")
    description = serializers.CharField(source="entry.description")
    licence = serializers.CharField(source="entry.licence", help_text="SPDX expression.")
    licence_url = serializers.CharField(source="entry.licence_url")
    commercial_use = serializers.BooleanField(source="entry.commercial_use")
    licence_accepted = serializers.BooleanField(
        source="accepted",
        help_text="Whether this studio may use it: commercial use is allowed, or was accepted.",
    )
    size_bytes = serializers.IntegerField(source="entry.size_bytes", help_text="On disk.")
    installed = serializers.BooleanField()
    loaded = serializers.BooleanField()
    device = serializers.CharField(allow_null=True, help_text="Where it is loaded.")
    memory_bytes = serializers.IntegerField(help_text="On the device; an estimate while it is not loaded.")
    min_memory_bytes = serializers.IntegerField(
        source="entry.min_memory_bytes",
        help_text="The smallest GPU it works on, with idle parts in the host's memory. 0: not known.",
    )
    loads = serializers.IntegerField(help_text="How often it was loaded since the worker started.")
    last_used = serializers.DateTimeField(allow_null=True)
    default_for = serializers.ListField(
        source="entry.default_for", child=serializers.CharField(), help_text="Operations that use it unasked."
    )
    batching = BatchingSerializer(allow_null=True, help_text="Null until it has painted.")
    recommended = RecommendedSerializer(source="entry.recommended")
    sizes = SizesSerializer(source="entry.sizes")


class ModelStateSerializer(serializers.Serializer[ModelState]):
    """How a model is after it was loaded or unloaded."""

    model = serializers.CharField()
    installed = serializers.BooleanField()
    loaded = serializers.BooleanField()
    device = serializers.CharField(allow_null=True)
    memory_bytes = serializers.IntegerField()
