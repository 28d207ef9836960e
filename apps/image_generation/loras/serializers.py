"""What a request may say about LoRAs, and how an installed one looks."""

from typing import Any

from rest_framework import serializers

from core.api.fields import FiniteFloatField
from core.api.serializers import StrictSerializer


class LoraUseSerializer(StrictSerializer):
    name = serializers.RegexField(r"^[A-Za-z0-9._-]+$", max_length=100, help_text="See GET loras/.")
    scale = FiniteFloatField(
        min_value=-4, max_value=4, required=False, help_text="1 (the default): as it was trained. 0: not."
    )


class LoraChoiceSerializer(serializers.Serializer[Any]):
    """What every request has that paints with a model: mix it in."""

    loras = LoraUseSerializer(many=True, required=False, max_length=8)
    lora_scale = FiniteFloatField(
        min_value=0,
        max_value=4,
        required=False,
        help_text="Multiplies the scale of every LoRA; 1 by default.",
    )


class InstalledLoraSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    base_model = serializers.CharField(help_text="What it was trained on, where its header says so.")
    family = serializers.CharField(help_text="The architecture, where its header says so.")
    rank = serializers.IntegerField(allow_null=True)
    bytes = serializers.IntegerField()
    trigger = serializers.CharField(help_text="The words that it was trained with, where its header says so.")
    created = serializers.DateTimeField()
    problem = serializers.CharField(help_text="Why it cannot be used; empty when it can.")
