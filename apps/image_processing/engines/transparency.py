"""What transparency asks of every technique: colours change, alpha does not, hidden colours stay hidden."""

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

Colouring = Callable[[Image.Image], Image.Image]


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
    """The colours of an RGBA image as RGB; where it is transparent, that of the nearest visible pixel."""
    pixels = np.asarray(image)
    hidden = pixels[..., 3] == 0
    if not hidden.any() or hidden.all():
        return image.convert("RGB")
    _, nearest = cv2.distanceTransformWithLabels(
        hidden.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Labels number the visible pixels in an order of OpenCV's own: look up where each of them is.
    places = np.zeros(int(nearest.max()) + 1, np.int64)
    places[nearest[~hidden]] = np.flatnonzero(~hidden)
    colours = pixels[..., :3].copy()
    colours[hidden] = colours.reshape(-1, 3)[places[nearest[hidden]]]
    return Image.fromarray(colours)


def visibility(image: Image.Image) -> Image.Image | None:
    """A mask (L) of what can be seen: 255 where alpha is above 0; None when all of it can."""
    if image.mode != "RGBA":
        return None
    return image.getchannel("A").point([0, *[255] * 255])
