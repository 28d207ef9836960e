"""Which part of a picture the model gets to see, and at which size. Pure."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from apps.image_generation.editing.operations import InputQuality
from apps.image_generation.masks import reduced
from apps.image_generation.sizes import painted_size
from core.images.masks import meant
from core.model_manager.entries import Sizes

# Around a mask the model sees this share of the mask's longer side on every side, to fit what it paints.
CONTEXT = 0.5

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Window:
    """`box` of the picture (left, top, right, bottom) is shown to the model at `size` (width, height).

    Its shape may change by the rounding of `size`; pasting back undoes that exactly.
    """

    box: Box
    size: tuple[int, int]

    def of(self, picture: Image.Image) -> Image.Image:
        """What the model sees of `picture`."""
        if picture.mode == "L":  # a mask: what is thin is not to vanish, so every touched pixel counts
            return reduced(picture, self.size, self.box)
        return picture.resize(self.size, Image.Resampling.LANCZOS, box=self.box)

    def put_back(self, picture: Image.Image, painted: Image.Image) -> Image.Image:
        """`picture` with what was painted in the window's place."""
        left, top, right, bottom = self.box
        whole = picture.copy()
        whole.paste(painted.resize((right - left, bottom - top), Image.Resampling.LANCZOS), (left, top))
        return whole


def window(size: tuple[int, int], mask: Image.Image | None, sizes: Sizes, quality: InputQuality) -> Window:
    """The window of a picture of `size` for a model that paints `sizes`.

    `resized`: all of the picture, with as many pixels as the model was trained on. `original`: as many as the
    picture has there, as far as the model can; with a mask that is what surrounds its white part.
    """
    if quality == "resized":
        scale = sizes.native / math.sqrt(size[0] * size[1])
        return Window((0, 0, *size), painted_size(*_scaled(size, scale), sizes))
    box = (0, 0, *size) if mask is None else _around(mask, sizes)
    return Window(box, painted_size(box[2] - box[0], box[3] - box[1], sizes))


def _around(mask: Image.Image, sizes: Sizes) -> Box:
    region = meant(mask)
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    height, width = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
    margin = CONTEXT * max(width, height)
    # Never less than the model is used to seeing.
    left, right = _span(int(columns[0]), width, max(width + 2 * margin, sizes.native), mask.width)
    top, bottom = _span(int(rows[0]), height, max(height + 2 * margin, sizes.native), mask.height)
    return left, top, right, bottom


def _span(start: int, length: int, wanted: float, limit: int) -> tuple[int, int]:
    """The ends of a stretch of `wanted` pixels around another one, moved to lie within 0..`limit`."""
    size = min(limit, math.ceil(wanted))
    first = min(max(0, start + (length - size) // 2), limit - size)
    return first, first + size


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
