"""How masks get smaller without losing what is thin."""

from PIL import Image

from apps.image_generation.sizes import Box, cover
from core.images.masks import MEANT


def reduced(mask: Image.Image, size: tuple[int, int], box: Box) -> Image.Image:
    """The `box` of a mask (L, white means change) at `size`: white is every pixel that was so in part."""
    white = mask.point(lambda value: 255 if value >= MEANT else 0)
    return white.resize(size, Image.Resampling.BOX, box=box).point(lambda value: 255 if value else 0)


def fit_mask(mask: Image.Image, width: int, height: int) -> Image.Image:
    """A mask at `width` x `height`, cut as `sizes.fit` cuts its picture."""
    if mask.size == (width, height):
        return mask
    return reduced(mask, (width, height), cover(mask.size, width, height))
