"""Resizing with Lanczos' filter, which Pillow widens when it shrinks: no aliasing. Alpha is premultiplied."""

from typing import Literal

from PIL import Image

from core.exceptions import InvalidInput

MOST_BETWEEN = 50_000_000  # pixels

Mode = Literal["fit", "fill", "exact", "max_side"]
Size = tuple[int, int]


def resized_size(size: Size, *, width: int | None, height: int | None, mode: Mode) -> Size:
    """What a picture of `size` becomes.

    `fit`: as large as fits into width x height, or is as wide or as high as the one that is given. `fill` and
    `exact`: width x height. `max_side`: no side longer than the number given; never larger than it was.
    Raises InvalidInput when `mode` needs another choice of width and height.
    """
    if mode in {"fill", "exact"}:
        if width is None or height is None:
            missing = "width" if width is None else "height"
            raise InvalidInput.for_field(missing, f"The mode {mode} needs width and height.")
        return width, height
    if width is None and height is None:
        raise InvalidInput.for_field("width", f"The mode {mode} needs width or height.")
    if mode == "max_side":
        if None not in {width, height} and width != height:
            raise InvalidInput.for_field("height", "The mode max_side takes one number: width or height.")
        return _scaled(size, min(1.0, (width or height or 1) / max(size)))
    scales = [wanted / side for wanted, side in zip((width, height), size, strict=True) if wanted is not None]
    return _scaled(size, min(scales))


def resize(image: Image.Image, *, width: int | None, height: int | None, mode: Mode) -> Image.Image:
    """`image` at `resized_size`. `fill` cuts what is too much evenly from both sides, `exact` stretches."""
    target = resized_size(image.size, width=width, height=height, mode=mode)
    if target == image.size:
        return image
    box = (0.0, 0.0, float(image.width), float(image.height))
    if mode == "fill":
        scale = max(target[0] / image.width, target[1] / image.height)
        seen = min(target[0] / scale, image.width), min(target[1] / scale, image.height)
        left, top = (image.width - seen[0]) / 2, (image.height - seen[1]) / 2
        box = (left, top, left + seen[0], top + seen[1])
    if target[0] * image.height > MOST_BETWEEN:  # Pillow resizes the width first and holds so many in between
        image = image.resize(
            (image.width, target[1]), Image.Resampling.LANCZOS, (0, box[1], image.width, box[3])
        )
        box = (box[0], 0.0, box[2], float(target[1]))
    return image.resize(target, Image.Resampling.LANCZOS, box=box)


def _scaled(size: Size, scale: float) -> Size:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
