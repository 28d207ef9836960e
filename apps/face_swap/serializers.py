"""What a request may say, and how its answer looks."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.face_swap.models import FaceSwap
from apps.face_swap.operations import CONSENT
from core.api.fields import FiniteFloatField, ModelIdField, StrictBooleanField, StrictIntegerField
from core.history.serializers import HISTORY_FIELDS, HistorySerializer
from core.images import store
from core.images.fields import PictureField, PictureSerializer
from core.images.serializers import PictureAnswerSerializer, SyncAnswerSerializer
from core.model_manager.choosing import AUTO

_LAST_INDEX = 9999


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "enum": ["all"]}]})
class FaceIndexField(StrictIntegerField):
    """The number of a face, or "all"."""

    def to_internal_value(self, data: Any) -> Any:
        return "all" if data == "all" else super().to_internal_value(data)

    def run_validators(self, value: Any) -> None:
        if value != "all":
            super().run_validators(value)


def _model_field() -> ModelIdField:
    return ModelIdField(
        help_text=f"{AUTO} (the best that is here, the default), haar, or a model: yunet, inswapper-128."
    )


class DetectSerializer(PictureSerializer):
    image = PictureField(help_text="The picture to look at.")
    model = _model_field()


class SwapSerializer(PictureAnswerSerializer):
    source_image = PictureField(help_text="The picture with the face to take.")
    target_image = PictureField(help_text="The picture to put it into.")
    source_face_index = StrictIntegerField(
        min_value=0, max_value=_LAST_INDEX, required=False, help_text="0, the largest, by default."
    )
    target_face_index = FaceIndexField(
        min_value=0, max_value=_LAST_INDEX, required=False, help_text='0, the largest, by default; "all".'
    )
    blend = FiniteFloatField(
        min_value=0, max_value=1, required=False, help_text="How much of the new face: 1, all, by default."
    )
    consent = StrictBooleanField(
        help_text="Must be true: everybody in these pictures has agreed.",
        error_messages={"required": CONSENT, "null": CONSENT},
    )
    model = _model_field()


class SyncSwapSerializer(SyncAnswerSerializer, SwapSerializer):
    pass


class FoundFaceSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="The largest face is 0.")
    bbox = serializers.ListField(
        child=serializers.FloatField(), help_text="Left, top, right, bottom, in pixels."
    )
    landmarks = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="[x, y] of eye, eye, tip of the nose, both corners of the mouth, from left to right.",
    )
    score = serializers.FloatField(help_text="The detector's own, 0 to 1.")


class DetectResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    faces = FoundFaceSerializer(many=True)
    count = serializers.IntegerField()
    model_used = serializers.CharField()


class SwapMetadataSerializer(serializers.Serializer[Any]):
    faces_swapped = serializers.IntegerField()
    digital_source_type = serializers.CharField(help_text="IPTC's word for how the picture came about.")
    source_face_index = serializers.IntegerField()
    target_face_index = FaceIndexField()
    blend = serializers.FloatField()


class SwapResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    image_bytes = serializers.CharField(help_text="Base64, or a URL with response_format=url.")
    model_used = serializers.CharField(help_text="haar+blend, yunet+blend or inswapper-128.")
    processing_time = serializers.FloatField(help_text="Seconds in the worker.")
    history_id = serializers.UUIDField()
    metadata = SwapMetadataSerializer()


class FaceSwapSerializer(HistorySerializer):
    source_image_id = serializers.UUIDField()

    class Meta:
        model = FaceSwap
        fields: ClassVar = [*HISTORY_FIELDS, "source_image_id"]

    def get_links(self, row: Any) -> dict[str, str]:
        source = self.context["request"].build_absolute_uri(store.content_path(row.source_image_id))
        return {**super().get_links(row), "source": source}
