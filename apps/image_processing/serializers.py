"""What a request may say of each edit, and how the answers look."""

from typing import Any, ClassVar, get_args

from rest_framework import serializers

from apps.image_processing.engines import resizing, rotating, white_balance
from apps.image_processing.fields import ColourField, StrengthField
from apps.image_processing.models import ProcessedImage
from core.api.fields import (
    ChoiceField,
    FiniteFloatField,
    JSONListField,
    ModelIdField,
    QualityField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from core.history.serializers import HISTORY_FIELDS, HistorySerializer
from core.images.encoding import FORMATS
from core.images.fields import PictureField, PictureSerializer

LONGEST_SIDE = 65_535
MOST = 10.0  # of a factor


class ResizeSerializer(PictureSerializer):
    width = StrictIntegerField(min_value=1, max_value=LONGEST_SIDE, required=False, help_text="Pixels.")
    height = StrictIntegerField(min_value=1, max_value=LONGEST_SIDE, required=False, help_text="Pixels.")
    mode = ChoiceField(
        choices=get_args(resizing.Mode),
        required=False,
        help_text="fit (the default): as large as fits into width x height; one of them is enough. fill: "
        "exactly that size, the surplus cut off evenly. exact: stretched. max_side: no side longer than the "
        "one number given, and never enlarged.",
    )


class CropSerializer(PictureSerializer):
    box = JSONListField(
        child=StrictIntegerField(min_value=0, max_value=LONGEST_SIDE),
        min_length=4,
        max_length=4,
        required=False,
        help_text="[left, top, right, bottom] in pixels; right and bottom are not in it.",
    )
    aspect = StrictCharField(
        max_length=20, required=False, help_text="Such as 16:9: the largest centred part of that shape."
    )
    square = StrictBooleanField(required=False, help_text="The same as an aspect of 1:1.")


class RotateSerializer(PictureSerializer):
    angle = FiniteFloatField(
        min_value=-3600, max_value=3600, help_text="Degrees, clockwise. Multiples of 90 lose nothing."
    )
    expand = StrictBooleanField(
        required=False, help_text="true (the default): the picture grows to hold all of it."
    )
    background = ColourField(
        required=False,
        help_text="Colour of the corners, such as teal or #ff8800; they are transparent without.",
    )


class FlipSerializer(PictureSerializer):
    direction = ChoiceField(
        choices=get_args(rotating.Direction), help_text="horizontal exchanges left and right."
    )


class AdjustSerializer(PictureSerializer):
    """1.0 is unchanged, to the bit."""

    brightness = FiniteFloatField(min_value=0, max_value=MOST, required=False)
    contrast = FiniteFloatField(min_value=0, max_value=MOST, required=False)
    saturation = FiniteFloatField(min_value=0, max_value=MOST, required=False)
    sharpness = FiniteFloatField(min_value=0, max_value=MOST, required=False)
    gamma = FiniteFloatField(
        min_value=0.1, max_value=MOST, required=False, help_text="Above 1 brightens the midtones."
    )
    grayscale = StrictBooleanField(required=False)


class ConvertSerializer(PictureSerializer):
    output_format = ChoiceField(
        choices=FORMATS, required=False, help_text="Required unless Accept names a picture format."
    )
    quality = QualityField()


class EnhanceSerializer(PictureSerializer):
    """What is left out is off. If all of it is, levels and sharpness are improved."""

    auto_levels = StrictBooleanField(required=False)
    denoise = StrengthField(required=False, help_text="0 to 1; true is 0.5.")
    sharpen = StrengthField(required=False, help_text="0 to 1; true is 0.5.")


class UpscaleSerializer(PictureSerializer):
    scale = ChoiceField(choices=(2, 4), help_text="Times as many pixels a side.")
    model = ModelIdField(
        help_text="lanczos, a super-resolution model of /models/, or auto (the default): such a model if one "
        "is installed, else lanczos.",
    )


class WhiteBalanceSerializer(PictureSerializer):
    method = ChoiceField(
        choices=get_args(white_balance.Method),
        required=False,
        help_text="How the colour of the light is estimated; shades_of_grey by default.",
    )


class CompositeSerializer(PictureSerializer):
    foreground = PictureField()
    mask = PictureField(required=False, help_text="Of the foreground's size; white shows it.")
    x = StrictIntegerField(
        min_value=-LONGEST_SIDE,
        max_value=LONGEST_SIDE,
        required=False,
        help_text="Where the foreground's left edge goes, in the background's pixels. 0 by default.",
    )
    y = StrictIntegerField(
        min_value=-LONGEST_SIDE,
        max_value=LONGEST_SIDE,
        required=False,
        help_text="Its top edge. 0 by default.",
    )
    opacity = FiniteFloatField(min_value=0, max_value=1, required=False)


class ExtractObjectSerializer(PictureSerializer):
    mask = PictureField(help_text="Of the picture's size; white is kept.")


class RemoveObjectSerializer(PictureSerializer):
    mask = PictureField(help_text="Of the picture's size; white is filled.")
    model = ModelIdField(
        help_text="patches, telea, ns, an object-removal model of /models/, or auto (the default): such a "
        "model if one is installed, else patches.",
    )


class ProcessedResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    image_bytes = serializers.CharField(help_text="Base64, or a URL with response_format=url.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    model_used = serializers.CharField(help_text="The model or technique that was chosen, or the call.")
    processing_time = serializers.FloatField(help_text="Seconds.")
    history_id = serializers.UUIDField()


class ExtractResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    extracted_image = serializers.CharField(
        help_text="With alpha; base64, or a URL with response_format=url."
    )
    error = serializers.CharField(
        allow_null=True, help_text="Always null: errors have a status of their own."
    )


class ProcessedImageSerializer(HistorySerializer):
    """One picture that was edited: `operation` says by which call, `parameters` how."""

    class Meta:
        model = ProcessedImage
        fields: ClassVar = [*HISTORY_FIELDS, "operation"]
