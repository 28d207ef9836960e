"""Filling a hole from its rim inwards, with OpenCV: for scratches, wires and letters. Large holes blur."""

from typing import Literal

import cv2
import numpy as np

from apps.image_processing.engines.holes import Mask, Tell
from apps.image_processing.engines.tiling import Pixels

Method = Literal["telea", "ns"]

_FLAGS = {"telea": cv2.INPAINT_TELEA, "ns": cv2.INPAINT_NS}
# Pixels round a point that are weighed, as in OpenCV's own examples.
_RADIUS = 3
# A hole of more pixels is filled on a smaller copy: the result is smooth anyway, and it takes seconds.
_MOST_PIXELS = 250_000
_SWOLLEN = 1.3


class OpenCVFiller:
    """See `holes.Filler`.

    `telea` is fast marching (Telea 2004), `ns` Navier-Stokes (Bertalmio, Bertozzi and Sapiro 2001).
    """

    def __init__(self, method: Method) -> None:
        self._flag = _FLAGS[method]

    def fill(self, pixels: Pixels, hole: Mask, tell: Tell) -> Pixels:
        tell(0)
        scale = min(1.0, (_MOST_PIXELS / max(1, int(hole.sum()))) ** 0.5)
        height, width = hole.shape
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small_hole = cv2.resize(hole.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 0
        # Specks and scratches would grow together on a small copy.
        if scale == 1.0 or small_hole.mean() > _SWOLLEN * hole.mean():
            return np.asarray(cv2.inpaint(pixels, hole.astype(np.uint8), _RADIUS, self._flag))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        filled = cv2.inpaint(small, small_hole.astype(np.uint8), _RADIUS, self._flag)
        return np.asarray(cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC))
