"""More pixels: Lanczos' filter, or a super-resolution model that is run tile by tile."""

from typing import Protocol

import cv2
import numpy as np
from PIL import Image

from apps.image_processing.engines.tiling import Pixels, Report, tiled
from apps.image_processing.engines.transparency import visible_colours

# What a tile sees beyond what is kept of it, in its own pixels: Real-ESRGAN's own `tile_pad` is 10.
_OVERLAP = 32


class SuperResolver(Protocol):
    """A super-resolution model: `side` is the largest tile it takes, in pixels."""

    side: int

    def enlarge(self, tile: Pixels) -> Pixels:
        """An RGB tile (H x W x 3, uint8), some whole number of times larger."""


def lanczos(image: Image.Image, scale: int) -> Image.Image:
    """`image` with `scale` times as many pixels a side, as sharp as it was."""
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.LANCZOS)


def super_resolve(image: Image.Image, scale: int, model: SuperResolver, report: Report) -> Image.Image:
    """`image` with `scale` times as many pixels a side and the detail that `model` makes up.

    A model that enlarges by another factor is brought to `scale`. Alpha is enlarged by `lanczos`.
    """
    colours = visible_colours(image) if image.mode == "RGBA" else image.convert("RGB")

    def work(tile: Pixels) -> Pixels:
        height, width = tile.shape[0] * scale, tile.shape[1] * scale
        made = model.enlarge(tile)
        if made.shape[:2] == (height, width):
            return made
        smaller = made.shape[0] > height
        resampling = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
        return np.asarray(cv2.resize(made, (width, height), interpolation=resampling))

    pixels = tiled(np.asarray(colours), work, side=model.side, overlap=_OVERLAP, scale=scale, report=report)
    result = Image.fromarray(pixels)
    if image.mode == "RGBA":
        result.putalpha(lanczos(image.getchannel("A"), scale))
    return result.convert("L") if image.mode == "L" else result
