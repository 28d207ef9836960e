"""Making a picture better without being told how: levels and sharpness."""

import numpy as np
from PIL import Image, ImageFilter, ImageStat

from apps.image_processing.engines.transparency import on_colour, visibility

# The share of values that may become black, and white: dust and glints must not set the range.
_CLIPPED = 0.005
# An unsharp mask for pictures seen on a screen: 1.5 pixels wide, up to 200 per cent at strength 1; what
# differs by less than 3 of 255 is noise and stays.
_RADIUS, _PERCENT, _THRESHOLD = 1.5, 200, 3


def auto_levels(image: Image.Image) -> Image.Image:
    """`image` stretched to the full range from black to white, all channels alike, so that hues stay."""

    def stretch(colour: Image.Image) -> Image.Image:
        if _is_flat(colour, visibility(image)):
            return colour
        counts = np.array(colour.histogram(visibility(image))).reshape(-1, 256).sum(axis=0)
        shares = counts.cumsum() / max(1, counts.sum())
        darkest, brightest = np.searchsorted(shares, [_CLIPPED, 1 - _CLIPPED])
        curve = np.clip((np.arange(256) - darkest) * 255 / max(1, brightest - darkest), 0, 255)
        return colour.point(np.rint(curve).astype(int).tolist() * len(colour.getbands()))

    return on_colour(image, stretch)


def _is_flat(colour: Image.Image, seen: Image.Image | None) -> bool:
    """Whether it is all of one brightness: then there is no range, and only hues could be torn apart."""
    darkest, brightest = ImageStat.Stat(colour.convert("L"), mask=seen).extrema[0]
    return brightest <= darkest


def sharpen(image: Image.Image, strength: float) -> Image.Image:
    """`image` with an unsharp mask; `strength` 0 (none) to 1 (strong)."""
    if strength == 0:
        return image
    mask = ImageFilter.UnsharpMask(_RADIUS, round(_PERCENT * strength), _THRESHOLD)
    return on_colour(image, lambda colour: colour.filter(mask), reads_neighbours=True)
