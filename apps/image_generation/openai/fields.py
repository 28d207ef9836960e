"""Fields that this API writes otherwise than ours."""

import re
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from PIL import ImageChops
from rest_framework import serializers

from core.images.encoding import encode
from core.images.fields import PictureField
from core.images.masks import meant
from core.images.picture import Picture

_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")


@extend_schema_field(OpenApiTypes.STR)
class SizeField(serializers.Field[tuple[int, int] | None, str, str, Any]):
    """`(width, height)` in pixels from `"256x256"`; None from `"auto"`."""

    default_error_messages: ClassVar = {
        "invalid": 'This must be "auto" or "<width>x<height>", each from {least} to {most} pixels.'
    }

    def __init__(self, *, least: int, most: int = 2048) -> None:
        super().__init__(
            required=False, write_only=True, help_text="`256x256`, or `auto`, which leaves it to the model."
        )
        self._limits = {"least": least, "most": most}

    def to_internal_value(self, data: Any) -> tuple[int, int] | None:
        if data == "auto":
            return None
        match = _SIZE.fullmatch(data) if isinstance(data, str) else None
        size = (int(match[1]), int(match[2])) if match else (0, 0)
        if not all(self._limits["least"] <= side <= self._limits["most"] for side in size):
            self.fail("invalid", **self._limits)
        return size


class AlphaMaskField(PictureField):
    """A mask as ours have it (white is meant) from a picture that is transparent where it is meant."""

    default_error_messages: ClassVar = {
        "no_alpha": "The mask has no alpha channel: make it transparent where the picture is to change.",
        "mask_empty": "The mask is opaque: make it transparent where the picture is to change.",
    }

    def to_internal_value(self, data: Any) -> Picture:
        image = super().to_internal_value(data).image
        if image.mode != "RGBA":
            self.fail("no_alpha")
        white = ImageChops.invert(image.getchannel("A"))
        if not meant(white).any():
            self.fail("mask_empty")
        return Picture(encode(white, "png"))
