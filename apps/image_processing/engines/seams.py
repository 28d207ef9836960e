"""Where a filling meets the picture: what it would have made of the rim says how far it is off there."""

import math

import cv2
import numpy as np

from apps.image_processing.engines.holes import Mask
from apps.image_processing.engines.tiling import Pixels

_BAND = 256  # rows that are worked on at a time


def rim_of(hole: Mask) -> Mask:
    """The pixels next to the hole."""
    around = cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(around & ~hole)


def without_seam(pixels: Pixels, predicted: Pixels, hole: Mask, reach: float) -> Pixels:
    """`pixels` with the hole as `predicted`, moved towards the colours that the rim really has.

    `predicted` counts in the hole and on its rim. The correction is that of the nearest rim and fades over
    some `reach` pixels.
    """
    result, rim = pixels.copy(), rim_of(hole)
    depth = cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    margin = math.ceil(3 * reach) + 1
    for top in range(0, len(pixels), _BAND):
        rows = slice(max(0, top - margin), top + _BAND + margin)
        known = rim[rows].astype(np.float32)
        off = (pixels[rows].astype(np.float32) - predicted[rows]) * known[..., None]
        share = np.maximum(cv2.GaussianBlur(known, (0, 0), reach), 1e-3)
        fading = np.exp(-((np.maximum(depth[rows] - 1, 0) / (2 * reach)) ** 2)) / share
        moved = predicted[rows] + cv2.GaussianBlur(off, (0, 0), reach) * fading[..., None]
        inner = slice(top - rows.start, top - rows.start + _BAND)
        band = slice(top, top + _BAND)
        result[band][hole[band]] = np.rint(np.clip(moved[inner][hole[band]], 0, 255))
    return result
