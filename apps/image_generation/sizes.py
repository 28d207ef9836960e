"""Which size a model paints at when it cannot paint at the size that was asked for."""

import math

from PIL import Image

from core.model_manager.entries import Sizes

# as narrow as generate/ allows (2048 x 128): a strip of a pixel's height would get a model's whole multiple
# of it, and as many times the pixels
MOST_ASPECT = 16.0
# A mask pixel brighter than this is to change: masks that went through a JPEG are seldom pure.
HALF = 127


def painted_size(width: int, height: int, sizes: Sizes) -> tuple[int, int]:
    """Width and height (pixels) at which the model paints a picture that is wanted at `width` x `height`.

    The wanted size itself where the model can do it. Otherwise the same aspect, with as many pixels as the
    model was trained on (the nearer end of its range, if the wanted size lies outside), each side rounded to
    what the model can do. What is narrower than 16 to 1 is painted at 16 to 1.
    """
    if _possible(width, sizes) and _possible(height, sizes):
        return width, height
    side = min(max(math.sqrt(width * height), sizes.min_side), sizes.max_side)
    stretch = math.sqrt(min(max(width / height, 1 / MOST_ASPECT), MOST_ASPECT))
    return _rounded(side * stretch, sizes.multiple_of), _rounded(side / stretch, sizes.multiple_of)


def fit(
    image: Image.Image,
    width: int,
    height: int,
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
) -> Image.Image:
    """`image` at `width` x `height`: scaled to cover it, the surplus cut evenly. Never stretched."""
    if image.size == (width, height):
        return image
    scale = max(width / image.width, height / image.height)
    box_width, box_height = (
        min(width / scale, image.width),
        min(height / scale, image.height),
    )  # no rounding over
    left, top = (image.width - box_width) / 2, (image.height - box_height) / 2
    return image.resize((width, height), resampling, box=(left, top, left + box_width, top + box_height))


def fit_mask(mask: Image.Image, width: int, height: int) -> Image.Image:
    """A mask (L, white means change) as `fit` would: but what is thin is not to vanish, so every pixel that
    was white in part is white.
    """
    if mask.size == (width, height):
        return mask
    white = mask.point(lambda value: 255 if value > HALF else 0)
    return fit(white, width, height, Image.Resampling.BOX).point(lambda value: 255 if value else 0)


def _possible(side: int, sizes: Sizes) -> bool:
    return sizes.min_side <= side <= sizes.max_side and side % sizes.multiple_of == 0


def _rounded(side: float, multiple: int) -> int:
    return max(multiple, round(side / multiple) * multiple)
