"""Puts the pixels of a face into a picture, and touches nothing else of it."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.face_swap.engines import geometry
from apps.face_swap.faces import Pixels, Points

T = TypeVar("T", bound=np.generic)
Box = tuple[int, int, int, int]

# Longer sides are worked on at this size and enlarged: few faces in a source hold more.
LONGEST_SIDE = 1536
# Rows at a time that are blended in floating point.
_STRIP = 256


def box_within(image: Pixels, landmarks: Points) -> Box:
    """(left, top, right, bottom), whole pixels within the picture, around the face; at least one pixel."""
    height, width = image.shape[:2]
    left, top, right, bottom = geometry.region(landmarks)
    x0, y0 = int(np.clip(np.floor(left), 0, width - 1)), int(np.clip(np.floor(top), 0, height - 1))
    x1, y1 = int(np.clip(np.ceil(right), x0 + 1, width)), int(np.clip(np.ceil(bottom), y0 + 1, height))
    return x0, y0, x1, y1


def working_size(box: Box) -> tuple[int, int]:
    """(width, height) to work at: the box's own, unless that is very large."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def grid(box: Box, size: tuple[int, int]) -> Points:
    """Where in the picture the pixels of a `size` (width, height) copy of the box lie, row by row."""
    x0, y0, x1, y1 = box
    across = x0 - 0.5 + (np.arange(size[0]) + 0.5) * (x1 - x0) / size[0]
    down = y0 - 0.5 + (np.arange(size[1]) + 0.5) * (y1 - y0) / size[1]
    return np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)


def paste(canvas: Pixels, box: Box, face: Pixels, mask: NDArray[np.float32], *, blend: float) -> None:
    """Blends `face` into the box of `canvas`, in place; it and `mask` are enlarged where they are smaller.

    Pixels whose mask is 0 keep their value, all others come `mask * blend` of the way.
    """
    x0, y0, x1, y1 = box
    place = canvas[y0:y1, x0:x1]
    size = x1 - x0, y1 - y0
    face = _fitted(face, size, cv2.INTER_CUBIC)
    mask = _fitted(mask, size, cv2.INTER_LINEAR)
    for top in range(0, size[1], _STRIP):
        rows = slice(top, top + _STRIP)
        old = place[rows].astype(np.float32)
        new = old + (mask[rows, :, None] * blend) * (face[rows] - old)
        place[rows] = np.clip(np.rint(new), 0, 255).astype(np.uint8)


def _fitted(image: NDArray[T], size: tuple[int, int], interpolation: int) -> NDArray[T]:
    if (image.shape[1], image.shape[0]) == size:
        return image
    fitted: NDArray[T] = cv2.resize(image, size, interpolation=interpolation)
    return fitted
