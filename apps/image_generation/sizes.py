"""Which size a model paints at when it cannot paint at the size that was asked for."""

import math

from PIL import Image

from core.model_manager.entries import Sizes

# as narrow as generate/ allows (2048 x 128): a strip of a pixel's height would get a model's whole multiple
# of it, and as many times the pixels
MOST_ASPECT = 16.0

Box = tuple[float, float, float, float]
Padding = tuple[int, int, int, int]  # pixels to add left, top, right, bottom


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


def fit(image: Image.Image, width: int, height: int) -> Image.Image:
    """`image` at `width` x `height`: scaled to cover it, the surplus cut evenly. Never stretched."""
    if image.size == (width, height):
        return image
    box = cover(image.size, width, height)
    return image.resize((width, height), Image.Resampling.LANCZOS, box=box)


def cover(size: tuple[int, int], width: int, height: int) -> Box:
    """What a picture of `size` keeps, (left, top, right, bottom), when it is cut to another aspect."""
    scale = max(width / size[0], height / size[1])
    # not a rounding error more than there is: Pillow would refuse it
    kept_width, kept_height = min(width / scale, size[0]), min(height / scale, size[1])
    left, top = (size[0] - kept_width) / 2, (size[1] - kept_height) / 2
    return left, top, left + kept_width, top + kept_height


def _possible(side: int, sizes: Sizes) -> bool:
    return sizes.min_side <= side <= sizes.max_side and side % sizes.multiple_of == 0


def _rounded(side: float, multiple: int) -> int:
    return max(multiple, round(side / multiple) * multiple)
