"""Rotating by any angle, clockwise; multiples of 90 degrees without loss. Flipping."""

import math
from typing import Literal

from PIL import Image, ImageColor, ImageOps

Direction = Literal["horizontal", "vertical"]

_QUARTERS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
_MIRRORED = {
    "horizontal": Image.Transpose.FLIP_LEFT_RIGHT,
    "vertical": Image.Transpose.FLIP_TOP_BOTTOM,
}


def rotated_size(size: tuple[int, int], angle: float, *, expand: bool) -> tuple[int, int]:
    """The size after a rotation by `angle` degrees: that of what holds it all (`expand`), or as before."""
    if not expand:
        return size
    turned = angle % 360
    if turned in {90, 270}:
        return size[1], size[0]
    cos, sin = _cos_sin(turned)
    width = size[0] * abs(cos) + size[1] * abs(sin)
    height = size[0] * abs(sin) + size[1] * abs(cos)
    return math.ceil(round(width, 6)), math.ceil(round(height, 6))


def rotate(image: Image.Image, angle: float, *, expand: bool, background: str = "") -> Image.Image:
    """`image` turned clockwise about its centre, by bicubic interpolation where pixels do not fall on pixels.

    Corners that this uncovers are transparent, or of the colour `background` (`#rrggbb`). Without `expand`
    the size stays and what sticks out is cut off.
    """
    turned = angle % 360
    if turned == 0:
        return image
    if turned in _QUARTERS and (expand or turned == 180 or image.width == image.height):
        return image.transpose(_QUARTERS[int(turned)])
    rotated = _turned(image, turned, rotated_size(image.size, angle, expand=expand))
    return _on(background, rotated, image.mode) if background else rotated


def flip(image: Image.Image, direction: Direction) -> Image.Image:
    """`image` mirrored: `horizontal` exchanges left and right, `vertical` top and bottom."""
    return image.transpose(_MIRRORED[direction])


def _turned(image: Image.Image, angle: float, size: tuple[int, int]) -> Image.Image:
    """RGBA. A transparent pixel all round lets the edges fade instead of ending in stairs."""
    source = ImageOps.expand(image.convert("RGBA"), border=1, fill=(0, 0, 0, 0)).convert("RGBa")
    cos, sin = _cos_sin(angle)
    x, y = size[0] / 2, size[1] / 2
    # Where a pixel of the result comes from: back by the angle, about the centres of both.
    inverse = (
        cos, sin, source.width / 2 - cos * x - sin * y,
        -sin, cos, source.height / 2 + sin * x - cos * y,
    )  # fmt: skip
    turned = source.transform(size, Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC)
    return turned.convert("RGBA")


def _on(colour: str, image: Image.Image, mode: str) -> Image.Image:
    ground = Image.new("RGBA", image.size, ImageColor.getrgb(colour))
    flat = Image.alpha_composite(ground, image)
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return flat.convert("L" if mode == "L" and red == green == blue else "RGB")


def _cos_sin(degrees: float) -> tuple[float, float]:
    """Exact for the quarters, where floating point is not."""
    exact = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
    radians = math.radians(degrees)
    return exact.get(int(degrees) if degrees == int(degrees) else -1, (math.cos(radians), math.sin(radians)))
