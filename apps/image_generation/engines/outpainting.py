"""A picture on a larger canvas, for a model to fill what is new."""

import cv2
import numpy as np
from PIL import Image

Padding = tuple[int, int, int, int]

# How far the mirrored surroundings are blurred: a share of the longest padding. Sharp, a model would keep
# them.
BLUR_SHARE = 0.25
# A film of noise for the model to make details of, in grey levels; always the same one.
GRAIN = 6.0


def extended(picture: Image.Image, padding: Padding) -> Image.Image:
    """`picture` (RGB or RGBA) with so many pixels more left, top, right and bottom, mirrored and blurred.

    The picture itself is unchanged in its place.
    """
    left, top, right, bottom = padding
    inner = np.asarray(picture)
    outer = cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REFLECT)
    blurred = cv2.GaussianBlur(outer, (0, 0), max(1.0, max(padding) * BLUR_SHARE)).astype(np.float32)
    grain = np.random.default_rng(0).normal(0, GRAIN, outer.shape[:2])[..., None]
    blurred[..., :3] += grain
    canvas = np.clip(np.rint(blurred), 0, 255).astype(np.uint8)
    canvas[top : top + picture.height, left : left + picture.width] = inner
    return Image.fromarray(canvas, picture.mode)


def new_area(size: tuple[int, int], padding: Padding) -> Image.Image:
    """The mask of what `extended` adds to a picture of `size` (width, height): L, white where it is new."""
    left, top, right, bottom = padding
    width, height = size
    mask = Image.new("L", (width + left + right, height + top + bottom), 255)
    mask.paste(0, (left, top, left + width, top + height))
    return mask
