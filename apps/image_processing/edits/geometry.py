"""Edits that move pixels: resize, crop, rotate, flip."""

import re
from typing import Annotated

from msgspec import Meta
from PIL import Image

from apps.image_processing.edits.base import Edit, Pictures, Size
from apps.image_processing.engines import cropping, resizing, rotating
from core.exceptions import InvalidInput
from core.operations import Context

_ASPECT = re.compile(r"(\d{1,5}(?:\.\d{1,5})?):(\d{1,5}(?:\.\d{1,5})?)")

Colour = Annotated[str, Meta(pattern=r"^(#[0-9a-fA-F]{6})?\Z")]


class Resize(Edit, frozen=True, tag="resize"):
    width: int | None = None
    height: int | None = None
    mode: resizing.Mode = "fit"

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        return resizing.resized_size(size, width=self.width, height=self.height, mode=self.mode)

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return resizing.resize(image, width=self.width, height=self.height, mode=self.mode)


class Crop(Edit, frozen=True, tag="crop"):
    """One of a `box` in pixels, an `aspect` such as `16:9`, and `square`."""

    box: cropping.Box | None = None
    aspect: str = ""
    square: bool = False

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        if (self.box is not None) + bool(self.aspect) + self.square != 1:
            raise InvalidInput.for_field("box", "Give one of box, aspect and square.")
        if self.box is not None:
            cropping.check_box(self.box, size)
        left, top, right, bottom = self._box(size)
        return right - left, bottom - top

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return cropping.crop(image, self._box(image.size))

    def _box(self, size: Size) -> cropping.Box:
        if self.box is not None:
            return self.box
        if not self.aspect:
            return cropping.centred_box(size, 1, 1)
        found = _ASPECT.fullmatch(self.aspect)
        sides = [float(side) for side in found.groups()] if found else []
        if not all(sides) or not sides:
            raise InvalidInput.for_field("aspect", "An aspect is two numbers above 0, such as 16:9.")
        return cropping.centred_box(size, *sides)


class Rotate(Edit, frozen=True, tag="rotate"):
    """Clockwise, in degrees. Without a `background` colour the corners that it uncovers are transparent."""

    angle: float
    expand: bool = True
    background: Colour = ""

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        return rotating.rotated_size(size, self.angle, expand=self.expand)

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return rotating.rotate(image, self.angle, expand=self.expand, background=self.background)


class Flip(Edit, frozen=True, tag="flip"):
    direction: rotating.Direction

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return rotating.flip(image, self.direction)
