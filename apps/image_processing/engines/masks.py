"""What a client's picture says as a mask: white is meant, black is not."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.exceptions import InvalidInput

# A pixel is meant from here on; below are the soft edges of brushes and the noise of JPEG.
_MEANT = 128


def as_mask(picture: Image.Image) -> Image.Image:
    """`picture` as a mask (L): its brightness, and nothing where it is transparent."""
    if picture.mode == "RGBA":
        black = Image.new("RGBA", picture.size, "black")
        picture = Image.alpha_composite(black, picture)
    return picture.convert("L")


def check_mask(mask: Image.Image, size: tuple[int, int]) -> None:
    """Raises InvalidInput (field `mask`) for a mask of another size, `empty_mask` for one without white."""
    if mask.size != size:
        raise InvalidInput.for_field(
            "mask",
            f"The mask is {mask.width} x {mask.height}, its picture {size[0]} x {size[1]} pixels. "
            "They have to have the same size.",
        )
    if not meant(mask).any():
        raise InvalidInput.for_field(
            "mask", "The mask is empty: white marks what is meant.", code="empty_mask"
        )


def meant(mask: Image.Image) -> NDArray[np.bool_]:
    """Which pixels a mask means, H x W."""
    return np.asarray(as_mask(mask)) >= _MEANT
