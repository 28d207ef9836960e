"""A coarse mask, fitted to the edges of the full picture: He, Sun, "Fast Guided Filter", arXiv:1505.00996."""

import cv2
import numpy as np
from PIL import Image

from apps.background_removal.engines.arrays import Floats, Pixels

RADIUS = 6  # of the coarse picture's pixels: how far an edge may be off
SMOOTHNESS = 1e-4  # of colours from 0 to 1: smaller differences are no edge
# Where the edge is fitted: beyond this a mask is only enlarged, or a 50-megapixel photo would take gigabytes.
MOST_PIXELS = 4_000_000


def fit(mask: Floats, coarse: Pixels, full: Image.Image) -> Image.Image:
    """The mask in the size of `full` (RGB), mode L, its edges along those of `full`.

    `coarse` is `full` made smaller (uint8, H x W x 3), `mask` of the same size (0 to 1). Within a window of
    the coarse picture the mask is a linear function of the colours; it is applied to the full one's.
    """
    guide = coarse.astype(np.float32) / 255
    mean, mask_mean = _blur(guide), _blur(mask)
    covariance = _blur(guide * mask[..., None]) - mean * mask_mean[..., None]
    variance = _blur((guide[..., :, None] * guide[..., None, :]).reshape(*mask.shape, 9)).reshape(
        *mask.shape, 3, 3
    )
    variance -= mean[..., :, None] * mean[..., None, :]
    slope = np.linalg.solve(variance + SMOOTHNESS * np.eye(3, dtype=np.float32), covariance[..., None])[
        ..., 0
    ]
    offset = mask_mean - (slope * mean).sum(axis=2)
    large = _at_most(full, MOST_PIXELS)
    planes = cv2.resize(_blur(np.dstack([slope, offset])), large.size, interpolation=cv2.INTER_LINEAR)
    fitted = (planes[..., :3] * (np.asarray(large, np.float32) / 255)).sum(axis=2) + planes[..., 3]
    result = Image.fromarray((np.clip(fitted, 0, 1) * 255 + 0.5).astype(np.uint8))
    return result if result.size == full.size else result.resize(full.size, Image.Resampling.BILINEAR)


def _blur(values: Floats) -> Floats:
    side = 2 * RADIUS + 1
    channels = values.reshape(*values.shape[:2], -1)
    # OpenCV filters up to four channels at a time.
    parts = [
        cv2.blur(part, (side, side))
        for part in np.array_split(channels, max(1, -(-channels.shape[2] // 4)), axis=2)
    ]
    return np.dstack(parts).reshape(values.shape)


def _at_most(image: Image.Image, pixels: int) -> Image.Image:
    scale = (pixels / (image.width * image.height)) ** 0.5
    if scale >= 1:
        return image
    return image.resize(
        (max(1, int(image.width * scale)), max(1, int(image.height * scale))), Image.Resampling.BOX
    )
