"""What a request for a set may say, and how a set looks."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from apps.datasets.models import Dataset
from apps.datasets.planning import filled
from core.api.fields import (
    LONGEST_PROMPT,
    FiniteFloatField,
    LimitedListField,
    ModelIdField,
    SeedField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from core.api.serializers import StrictSerializer
from core.images.serializers import SyncAnswerSerializer
from core.jobs.serializers import JobSerializer


def download_link(request: Request, dataset_id: UUID) -> str:
    """The address of a set's zip."""
    return f"{reverse('dataset-download', kwargs={'dataset_id': dataset_id}, request=request)}/"


class GenerateDatasetSerializer(StrictSerializer):
    class_label = StrictCharField(
        max_length=200, help_text="What the pictures show, in English or Vietnamese."
    )
    output_size = StrictIntegerField(min_value=1, max_value=1000, help_text="How many pictures.")
    noise_level = FiniteFloatField(
        min_value=0,
        max_value=1,
        required=False,
        help_text="0: none. 1: a standard deviation of 63.75 of 255.",
    )
    seed = SeedField(help_text="The same seed, the same set. -1: random.")
    model = ModelIdField(help_text="auto (the default), or an id from /models/.")
    prompts = LimitedListField(
        child=StrictCharField(max_length=1000),
        min_length=1,
        max_length=100,
        required=False,
        help_text="Used in turn instead of prompts varied from the label. {label} becomes the label.",
    )
    num_inference_steps = StrictIntegerField(min_value=1, max_value=100, required=False)
    width = StrictIntegerField(min_value=128, max_value=2048, required=False, help_text="Pixels.")
    height = StrictIntegerField(min_value=128, max_value=2048, required=False, help_text="Pixels.")
    deterministic = StrictBooleanField(
        required=False, help_text="One picture at a time: the same bytes whatever else runs."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["class_label"] = " ".join(attrs["class_label"].split())
        too_long = f"With the label filled in, a prompt may have at most {LONGEST_PROMPT:,} characters."
        errors = {
            f"prompts[{index}]": [too_long]
            for index, prompt in enumerate(attrs.get("prompts", ()))
            if len(filled(prompt, attrs["class_label"])) > LONGEST_PROMPT
        }
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class SyncGenerateDatasetSerializer(SyncAnswerSerializer, GenerateDatasetSerializer):
    pass


class DatasetJobSerializer(JobSerializer):
    """The job of a dataset."""

    dataset_id = serializers.UUIDField()
    class_label = serializers.CharField()


class DatasetResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    id = serializers.UUIDField()
    class_label = serializers.CharField()
    noise_level = serializers.FloatField()
    output_size = serializers.IntegerField()
    preview = serializers.ListField(child=serializers.CharField(), help_text="Base64, or URLs.")
    download_link = serializers.URLField()


class DatasetListSerializer(serializers.ModelSerializer[Dataset]):
    class Meta:
        model = Dataset
        fields = [
            "id",
            "class_label",
            "noise_level",
            "output_size",
            "created_at",
            "file_count",
            "is_successful",
        ]
        read_only_fields = fields


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    download_link = serializers.SerializerMethodField()

    class Meta:
        model = Dataset
        fields = [
            "id",
            "class_label",
            "noise_level",
            "output_size",
            "seed",
            "model",
            "licence",
            "output_directory",
            "file_count",
            "generation_time",
            "device_used",
            "is_successful",
            "error_message",
            "created_at",
            "updated_at",
            "request_id",
            "download_link",
        ]
        read_only_fields = fields

    def get_download_link(self, dataset: Dataset) -> str:
        return download_link(self.context["request"], dataset.pk)


class PreviewSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    preview = serializers.ListField(
        child=serializers.CharField(), help_text="Base64 of JPEGs; at most eight."
    )


class ListQuerySerializer(serializers.Serializer[Any]):
    limit = StrictIntegerField(min_value=1, max_value=1000, default=100)
