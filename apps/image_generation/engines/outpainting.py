"""A picture on a larger canvas, for a model to fill what is new."""

import cv2
import numpy as np
from PIL import Image

from apps.image_generation.sizes import Padding

# Where the mirrored surroundings are wholly blurred: at this share of the longest padding from the picture. A
# model that keeps some of them is not to keep the mirror; at the picture itself they have to meet it.
BLUR_SHARE = 0.5
# A film of noise for the model to make details of, in grey levels; always the same one.
GRAIN = 6.0


def extended(picture: Image.Image, padding: Padding) -> Image.Image:
    """`picture` (RGB) with so many pixels more left, top, right and bottom: mirrored, and blurred outwards.

    The picture itself is unchanged in its place.
    """
    left, top, right, bottom = padding
    inner = np.asarray(picture)
    mirrored = cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REFLECT)
    reach = max(2.0, max(padding) * BLUR_SHARE)
    blurred = cv2.GaussianBlur(mirrored, (0, 0), reach / 2).astype(np.float32)
    blurred += np.random.default_rng(0).normal(0, GRAIN, mirrored.shape[:2])[..., None]
    outside = np.asarray(new_area(picture.size, padding))
    far = np.clip(cv2.distanceTransform(outside, cv2.DIST_L2, 5) / reach, 0, 1)[..., None]
    canvas = np.clip(np.rint(mirrored * (1 - far) + blurred * far), 0, 255).astype(np.uint8)
    return Image.fromarray(canvas)


def new_area(size: tuple[int, int], padding: Padding) -> Image.Image:
    """The mask of what `extended` adds to a picture of `size` (width, height): L, white where it is new."""
    left, top, right, bottom = padding
    width, height = size
    mask = Image.new("L", (width + left + right, height + top + bottom), 255)
    mask.paste(0, (left, top, left + width, top + height))
    return mask
