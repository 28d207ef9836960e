"""A rough mask that comes with a request: white is what is meant."""

import numpy as np

from apps.smart_mask.segmenting import Flags
from core.exceptions import InvalidInput
from core.images.picture import Picture

# Grey from here on is white, and so is opaque.
_WHITE = 128


def flags(mask: Picture) -> Flags:
    """Where the mask is white; what is transparent is not."""
    white = np.asarray(mask.image.convert("L")) >= _WHITE
    if mask.image.mode == "RGBA":
        white &= np.asarray(mask.image.getchannel("A")) >= _WHITE
    return white


def check(mask: Picture, width: int, height: int) -> None:
    """InvalidInput (`mask`) unless it is as large as the picture and white somewhere."""
    if mask.image.size != (width, height):
        own = "{} x {}".format(*mask.image.size)
        raise InvalidInput.for_field("mask", f"The mask has {own} pixels, the picture {width} x {height}.")
    if not flags(mask).any():
        raise InvalidInput.for_field(
            "mask", "The mask is empty: paint white what is meant.", code="empty_mask"
        )
