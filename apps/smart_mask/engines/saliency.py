"""Where in a picture the eye goes: what can only be reached from the picture's edge across contours.

Geodesic saliency (Wei, Wen, Zhu, Sun: Geodesic Saliency Using Background Priors, ECCV 2012): the cheapest way
from a background seed to each pixel, where a step costs as much as colour changes along it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.graph import MCP_Geometric

from apps.smart_mask.segmenting import Flags, Pixels

Distances = NDArray[np.float32]

# A step on flat colour still costs a little, so that distance counts where nothing else does.
_FLAT = 0.02
# Standard deviation (of 255) up to which a row is of one colour: JPEG ripples a little.
_PLAIN = 2.0


def contours(image: Pixels) -> Distances:
    """How much colour changes at each pixel: the Lab gradient's length, 1 at the picture's strong edges."""
    lab = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 1.0), cv2.COLOR_RGB2LAB).astype(np.float32)
    squares = sum(cv2.Sobel(lab, cv2.CV_32F, *axis) ** 2 for axis in ((1, 0), (0, 1)))
    lengths = np.sqrt(np.sum(squares, axis=2))
    return np.asarray(lengths / max(float(np.percentile(lengths, 95)), 1e-6), np.float32)


def distances(edges: Distances, seeds: Flags) -> Distances:
    """The cost of the cheapest way from any of `seeds` to each pixel; infinite where there are none."""
    starts = np.argwhere(seeds)
    if not len(starts):
        return np.full(edges.shape, np.inf, np.float32)
    costs, _ = MCP_Geometric(_FLAT + edges).find_costs(starts)
    return np.ascontiguousarray(costs, np.float32)


def rim(image: Pixels) -> Flags:
    """The picture's outermost pixels, where its background mostly is.

    Plain bars above and below, or at both sides, do not belong to the picture: the rim runs inside them.
    """
    height, width = image.shape[:2]
    top, bottom = _bars(image)
    left, right = _bars(image.swapaxes(0, 1))
    letterbox, pillarbox = bool(top and bottom), bool(left and right)
    inside = np.zeros((height, width), bool)
    if letterbox == pillarbox:  # none, or a thing on a plain background, which is all around it
        inside[1:-1, 1:-1] = True
    elif letterbox:
        inside[top + 1 : height - bottom - 1, 1:-1] = True
    else:
        inside[1:-1, left + 1 : width - right - 1] = True
    return ~inside


def _bars(image: Pixels) -> tuple[int, int]:
    """How many rows at the top, and at the bottom, are of one colour each."""
    plain = image.astype(np.float32).std(axis=1).max(axis=1) < _PLAIN
    if plain.all():
        return 0, 0
    return int((~plain).argmax()), int((~plain[::-1]).argmax())
