"""What a click may say, and how its answer looks."""

from typing import Any

from rest_framework import serializers

from apps.smart_mask.fields import BoxField, LabelsField, PointsField
from core.api.fields import ChoiceField, ModelIdField, StrictBooleanField, StrictIntegerField
from core.images.fields import PictureField
from core.images.serializers import PictureAnswerSerializer, SyncAnswerSerializer
from core.jobs.serializers import JobSerializer

_MOST_BORDER = 1000


class MaskSerializer(PictureAnswerSerializer):
    """A picture, and at least one of `points`, `bbox`, `mask` and `auto_detect`."""

    image = PictureField(help_text="The picture. Sent once, it is named by image_id from then on.")
    points = PointsField(required=False, help_text="Clicks, [[x, y], ...]: pixels or fractions, see units.")
    point_labels = LabelsField(
        required=False, help_text="For each point 1 (inside) or 0 (outside). All 1 when left out."
    )
    bbox = BoxField(required=False, help_text="[x0, y0, x1, y1] around the thing; see units.")
    mask = PictureField(
        required=False, help_text="A rough mask to improve on, as large as the picture: white is inside."
    )
    auto_detect = StrictBooleanField(
        required=False, help_text="Without any of the above: the picture's main subject."
    )
    units = ChoiceField(
        choices=("auto", "pixels", "fractions"),
        required=False,
        help_text=(
            "auto: a field's numbers are fractions of the picture's sides when all lie in 0..1 and one has a "
            "decimal point, otherwise pixels."
        ),
    )
    border_adjustment = StrictIntegerField(
        min_value=-_MOST_BORDER,
        max_value=_MOST_BORDER,
        required=False,
        help_text="Pixels that the mask grows; below 0: shrinks.",
    )
    use_blur = StrictBooleanField(required=False, help_text="A soft edge.")
    model = ModelIdField(help_text="auto (the best that is installed), grabcut, or an id from /models/.")
    request_id = serializers.RegexField(
        r"^[A-Za-z0-9._-]{1,128}\Z",
        required=False,
        error_messages={"invalid": "Use up to 128 letters, digits, '.', '_' and '-'."},
        help_text="A name of your choice for cancel/, instead of an X-Request-Id header.",
    )


class SyncMaskSerializer(SyncAnswerSerializer, MaskSerializer):
    pass


class MaskJobSerializer(JobSerializer):
    """The job of a mask."""

    request_id = serializers.CharField(help_text="Cancels it, without the task_id.")
    image_id = serializers.UUIDField(help_text="Of the picture: name it in the next click.")


class MaskResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    mask_base64 = serializers.CharField(
        help_text="Grey, white inside, as large as the picture; a URL with response_format=url."
    )
    image_id = serializers.UUIDField(help_text="Of the picture: name it in the next click.")
    score = serializers.FloatField(help_text="0..1, how sure the engine is.")
    model_used = serializers.CharField()
    cached = serializers.BooleanField(help_text="Whether the encoder was spared.")
    error = serializers.CharField(allow_null=True, help_text="Always null: errors have their own form.")


class MaskCancelSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(help_text="False when it had already ended.")
    message = serializers.CharField()
    request_id = serializers.CharField()
