"""Swaps faces without a generator: warps the source's face onto the target's, in the target's colours.

No pixel is made up: what is seen was seen in the source. So expression, gaze and light stay the source's, and
a face that looks another way than the target's comes out bent.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.face_swap.engines import colours, geometry, pasting
from apps.face_swap.faces import Detector, Face, Pixels, Points, ordered

# The warp and the mask are smooth: they are computed on a grid of at most so many pixels a side.
_COARSE = 160


class Blending:
    """A `Swapper` on top of any detector, by whose landmarks the faces are aligned."""

    generates = False

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.name = f"{detector.name}+blend"

    def find(self, image: Pixels) -> list[Face]:
        return ordered(self._detector.find(image))

    def landmarks(self, image: Pixels, face: Face) -> Points:
        return self._detector.landmarks(image, face)

    def swap(self, source: Pixels, source_face: Face, canvas: Pixels, face: Face, *, blend: float) -> None:
        given = self._detector.landmarks(source, source_face)
        wanted = self._detector.landmarks(canvas, face)
        box = pasting.box_within(canvas, wanted)
        size = pasting.working_size(box)
        where, mask = _where(source, given, wanted, box, size)
        if not mask.any():
            return
        moved = cv2.remap(source, where, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        place = canvas[box[1] : box[3], box[0] : box[2]]
        place = cv2.resize(place, size, interpolation=cv2.INTER_AREA)
        unit = geometry.into_frame(wanted).inverse.scale * size[0] / (box[2] - box[0])
        coloured = colours.matched(moved.astype(np.float32), place.astype(np.float32), mask, unit=unit)
        pasting.paste(canvas, box, np.rint(coloured).astype(np.uint8), mask, blend=blend)


def _where(
    source: Pixels, given: Points, wanted: Points, box: pasting.Box, size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each pixel of a `size` copy of the box: its place in the source, how much it is face in both."""
    coarse = min(size[0], _COARSE), min(size[1], _COARSE)
    points = pasting.grid(box, coarse)
    places = geometry.warp(wanted, given)(points)
    height, width = source.shape[:2]
    exists = ((places >= 0) & (places <= [width - 1, height - 1])).all(axis=1)
    mask = np.minimum(geometry.coverage(wanted, points), geometry.coverage(given, places)) * exists
    where = places.reshape(coarse[1], coarse[0], 2).astype(np.float32)
    mask = mask.reshape(coarse[1], coarse[0]).astype(np.float32)
    if coarse != size:
        where, mask = (cv2.resize(field, size, interpolation=cv2.INTER_LINEAR) for field in (where, mask))
    return where, mask
