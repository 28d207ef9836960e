"""Denoising by non-local means (Buades, Coll and Morel 2005), with OpenCV: similar patches are averaged."""

import cv2
import numpy as np
from PIL import Image

from apps.image_processing.engines.tiling import Pixels, Report, tiled
from apps.image_processing.engines.transparency import on_colour

# OpenCV's own choices for the windows. The filter strength h: 10 "removes noise perfectly but also details".
_PATCH, _SEARCH = 7, 21
_STRONGEST = 10.0
_TILE = 512
_REACH = (_PATCH + _SEARCH) // 2


def denoise(image: Image.Image, strength: float, report: Report) -> Image.Image:
    """`image` with less noise; `strength` 0 (none) to 1 (strong, which costs detail). Seconds a megapixel."""
    if strength == 0:
        return image
    h = _STRONGEST * strength

    def work(pixels: Pixels) -> Pixels:
        if pixels.shape[2] == 1:
            return np.asarray(cv2.fastNlMeansDenoising(pixels, None, h, _PATCH, _SEARCH))[..., None]
        # OpenCV compares in Lab, and takes the channels for blue, green, red.
        blue_first = np.ascontiguousarray(pixels[..., ::-1])
        cleaned = cv2.fastNlMeansDenoisingColored(blue_first, None, h, h, _PATCH, _SEARCH)
        return np.asarray(cleaned)[..., ::-1]

    def through(colour: Image.Image) -> Image.Image:
        pixels = np.atleast_3d(np.asarray(colour))
        result = tiled(pixels, work, side=_TILE, overlap=2 * _REACH, scale=1, report=report)
        return Image.fromarray(result[..., 0] if colour.mode == "L" else result)

    return on_colour(image, through, reads_neighbours=True)
