"""What a client's picture says as a mask: white is meant, black and transparent is not."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.exceptions import InvalidInput

# A pixel is meant from here on; below are the soft edges of brushes and the noise of JPEG.
MEANT = 128


def as_mask(picture: Image.Image) -> Image.Image:
    """`picture` as a mask (L): its brightness, and nothing where it is transparent."""
    if picture.mode == "RGBA":
        black = Image.new("RGBA", picture.size, "black")
        picture = Image.alpha_composite(black, picture)
    return picture.convert("L")


def meant(mask: Image.Image) -> NDArray[np.bool_]:
    """Which pixels a mask means, height x width."""
    return np.asarray(as_mask(mask)) >= MEANT


def check_mask(mask: Image.Image, size: tuple[int, int], *, field: str = "mask") -> None:
    """Raises InvalidInput for `field`: `mask_size` for another size, `mask_empty` where nothing is white."""
    check_mask_size(mask, size, field=field)
    if not meant(mask).any():
        raise InvalidInput.for_field(
            field, "The mask is empty: paint white what is meant.", code="mask_empty"
        )


def check_mask_size(mask: Image.Image, size: tuple[int, int], *, field: str = "mask") -> None:
    """Raises InvalidInput `mask_size` for `field` where the mask has another size than its picture."""
    if mask.size != size:
        raise InvalidInput.for_field(
            field,
            f"The mask is {mask.width} x {mask.height}, its picture {size[0]} x {size[1]} pixels. "
            "They have to have the same size.",
            code="mask_size",
        )
