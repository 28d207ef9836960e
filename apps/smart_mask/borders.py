"""What is done to a finished mask: its border grows or shrinks, its edge becomes soft."""

import cv2
import numpy as np

from apps.smart_mask.segmenting import Flags, Mask, Pixels

# A soft edge reaches so far to each side, as a part of the picture's longer side; two pixels at least.
_SOFT = 0.004


def moved(inside: Flags, pixels: int) -> Flags:
    """The mask with its border `pixels` further out (below zero: further in), measured as the crow flies.

    The picture's own edge is no border: a mask that reaches it does not shrink away from it.
    """
    if pixels == 0 or inside.all() or not inside.any():
        return inside
    if pixels > 0:
        return _distance_to(inside) <= pixels + _ROUNDING
    return _distance_to(~inside) > -pixels + _ROUNDING


def softened(mask: Pixels) -> Pixels:
    """A mask of 0 and 255 with a gradual edge, half-way up where it was sharp."""
    radius = max(2, round(_SOFT * max(mask.shape)))
    return np.asarray(cv2.stackBlur(mask, (2 * radius + 1, 2 * radius + 1)), np.uint8)


# Exact distances come as float32 roots of whole numbers.
_ROUNDING = 1e-3


def _distance_to(inside: Flags) -> Mask:
    """Of each pixel to the nearest one inside, in pixels; exact (Felzenszwalb and Huttenlocher)."""
    return np.asarray(
        cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32
    )
