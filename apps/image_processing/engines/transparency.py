"""What transparency asks of every technique: colours change, alpha does not, hidden colours stay hidden."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Colouring = Callable[[Image.Image], Image.Image]

# No filter here looks further than this, in pixels.
_REACH = 64
_BAND = 512


def on_colour(image: Image.Image, change: Colouring, *, reads_neighbours: bool = False) -> Image.Image:
    """`image` (L, RGB or RGBA) with `change` made to its colours (L or RGB); the alpha stays as it was.

    A transparent pixel has a colour that nobody sees. A change that `reads_neighbours` gets the nearest
    visible colour in its place, so that nothing invisible ends up in the picture.
    """
    if image.mode != "RGBA":
        return change(image)
    alpha = image.getchannel("A")
    colour = visible_colours(image) if reads_neighbours else image.convert("RGB")
    changed = change(colour).convert("RGB")
    changed.putalpha(alpha)
    return changed


def visible_colours(image: Image.Image) -> Image.Image:
    """The colours of an RGBA image as RGB; where it is transparent, that of the nearest visible pixel.

    What is further than `_REACH` from anything visible may keep the colour that it has.
    """
    pixels = np.asarray(image)
    hidden = pixels[..., 3] == 0
    colours = pixels[..., :3].copy()
    for top in range(0, len(pixels), _BAND):  # in bands, since labels take four bytes a pixel
        start, end = max(0, top - _REACH), top + _BAND + _REACH
        filled = _filled(pixels[start:end, :, :3], hidden[start:end])
        colours[top : top + _BAND] = filled[top - start : top - start + _BAND]
    return Image.fromarray(colours)


def _filled(colours: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> NDArray[np.uint8]:
    if not hidden.any() or hidden.all():
        return colours
    _, nearest = cv2.distanceTransformWithLabels(
        hidden.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Each visible pixel has a label of its own: look up its colour by that.
    palette = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    palette[nearest[~hidden]] = colours[~hidden]
    filled = colours.copy()
    filled[hidden] = palette[nearest[hidden]]
    return filled


def visibility(image: Image.Image) -> Image.Image | None:
    """A mask (L) of what can be seen: 255 where alpha is above 0; None when all of it can."""
    if image.mode != "RGBA":
        return None
    return image.getchannel("A").point([0, *[255] * 255])
