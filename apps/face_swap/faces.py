"""What an engine finds in a picture and does with it. Knows no Django and no model: both sides import it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # height x width x 3, RGB
Points = NDArray[np.float64]  # n x 2, pixels, (0, 0) is the middle of the first pixel


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a picture, in its pixels.

    `box` is (left, top, right, bottom) and may reach beyond the picture. `landmarks` are 5 x 2: both eyes,
    the tip of the nose, both corners of the mouth, each pair from left to right as one sees it. `score` is
    the detector's own, 0 to 1.
    """

    box: tuple[float, float, float, float]
    landmarks: Points
    score: float

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


class Detector(Protocol):
    """Finds faces. May be called from several threads at a time."""

    name: str

    def find(self, image: Pixels) -> list[Face]:
        """The faces in any order; none for a picture without."""

    def landmarks(self, image: Pixels, face: Face) -> Points:
        """The landmarks of a face it found, as exactly as it can tell."""


class Swapper(Protocol):
    """Puts one face where another was. May be called from several threads at a time.

    `name` is what `model_used` says. `generates` says whether a trained model made the pixels of the result,
    or they were copied from the source.
    """

    name: str
    generates: bool

    def find(self, image: Pixels) -> list[Face]:
        """The faces, as `ordered` orders them; none for a picture without."""

    def landmarks(self, image: Pixels, face: Face) -> Points:
        """The landmarks of a face it found, as exactly as it can tell; may take longer than to find it."""

    def swap(self, source: Pixels, source_face: Face, canvas: Pixels, face: Face, *, blend: float) -> None:
        """Paints `source_face` of `source` over `face` of `canvas`, in place.

        With a `blend` of 1 the face is the source's, with 0.5 each pixel of it lies half-way between both,
        with 0 nothing changes. What lies outside the face is not touched.
        """


def ordered(faces: Iterable[Face]) -> list[Face]:
    """The largest first, and of equals the leftmost: face 0 is the one the picture is of."""
    return sorted(faces, key=lambda face: (-face.area, face.box[0]))
