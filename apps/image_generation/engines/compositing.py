"""Puts a changed region back into its picture: soft inside the region's border, untouched outside it."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

# The border is soft over this share of the picture's shorter side, between these many pixels.
FEATHER_SHARE = 0.015
LEAST_FEATHER, MOST_FEATHER = 2, 24
# A mask pixel brighter than this is to change: masks that went through a JPEG are seldom pure.
HALF = 127

Mask = NDArray[np.bool_]


def changed(mask: Image.Image) -> Mask:
    """Where `mask` says that the picture is to change: bool, height x width. White means change."""
    return np.asarray(mask.convert("L")) > HALF


def feathered(region: Mask) -> NDArray[np.float32]:
    """How much of the new picture shows, 0..1: 0 outside `region`, rising to 1 within a few pixels inside."""
    width = float(np.clip(min(region.shape) * FEATHER_SHARE, LEAST_FEATHER, MOST_FEATHER))
    padded = np.pad(region.astype(np.uint8), 1, mode="edge")  # a picture's own edge is no border
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    if region.all():
        return np.ones(region.shape, np.float32)
    rising = np.clip(distance / (width + 1), 0, 1).astype(np.float32)
    smooth: NDArray[np.float32] = rising * rising * (3 - 2 * rising)
    return smooth


def composite(picture: Image.Image, painted: Image.Image, region: Mask) -> Image.Image:
    """`painted` inside `region`, `picture` outside it, bit for bit. All have one size.

    The mode is that of `picture`, RGB or RGBA; what is painted is opaque.
    """
    below = np.asarray(picture)
    above = np.asarray(painted.convert("RGB").convert(picture.mode))
    share = feathered(region)[..., None]
    mixed = np.rint(below + (above.astype(np.float32) - below) * share)
    return Image.fromarray(np.where(share > 0, mixed, below).astype(np.uint8), picture.mode)
