"""Filling holes in a picture one by one, each within a crop that shows what is around it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.image_processing.engines.tiling import Pixels, Report

Mask = NDArray[np.bool_]
Tell = Callable[[float], None]  # how much of a hole is filled, 0 to 1; what it raises ends the work

# What lies around a hole tells what belongs into it: as much again on every side, and never less than this.
_MARGIN = 48
_MARGIN_SHARE = 0.75
# Holes closer than this are one, since each would be the other's surroundings.
_NEAR = 24
_MOST_HOLES = 64
_PARTS = 50  # that a hole's progress is told in


class Filler(Protocol):
    """A technique of inpainting."""

    def fill(self, pixels: Pixels, hole: Mask, tell: Tell) -> Pixels:
        """RGB pixels (H x W x 3, uint8) where the `hole` (H x W) shows what might be there.

        What it makes of the other pixels does not matter.
        """


@dataclass(frozen=True)
class Hole:
    """A hole's box in the picture, and which pixels of the box belong to it."""

    top: int
    left: int
    bottom: int
    right: int
    inside: Mask

    def surroundings(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """The rows and columns of the box and the margin round it, within a picture of `shape`."""
        longest = max(self.bottom - self.top, self.right - self.left)
        margin = max(_MARGIN, round(_MARGIN_SHARE * longest))
        return (
            slice(max(0, self.top - margin), min(shape[0], self.bottom + margin)),
            slice(max(0, self.left - margin), min(shape[1], self.right + margin)),
        )


def fill_holes(pixels: Pixels, mask: Mask, filler: Filler, report: Report) -> Pixels:
    """A copy of RGB `pixels` whose masked ones are filled; all others are as they were, bit for bit."""
    result, still_open = pixels.copy(), mask.copy()
    holes = separate(mask)
    for number, hole in enumerate(holes):
        tell = partial(_tell, report, number, len(holes))
        tell(0)
        around = hole.surroundings(mask.shape)
        filled = filler.fill(result[around], still_open[around], tell)
        box = (slice(hole.top, hole.bottom), slice(hole.left, hole.right))
        top, left = hole.top - around[0].start, hole.left - around[1].start
        inner = filled[top : top + hole.bottom - hole.top, left : left + hole.right - hole.left]
        result[box][hole.inside] = inner[hole.inside]
        still_open[box][hole.inside] = False
    report(1, 1)
    return result


def _tell(report: Report, number: int, holes: int, share: float) -> None:
    report(number * _PARTS + round(share * _PARTS), holes * _PARTS)


def separate(mask: Mask) -> list[Hole]:
    """The holes of `mask`; what is near to another is one with it."""
    near = _NEAR
    while True:
        joined = cv2.dilate(mask.astype(np.uint8), np.ones((near, near), np.uint8))
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        if count - 1 <= _MOST_HOLES:
            return [_hole(mask, labels, label, boxes[label]) for label in range(1, count)]
        near *= 2


def _hole(mask: Mask, labels: NDArray[np.int32], label: int, joined: NDArray[np.int32]) -> Hole:
    left, top, width, height = (int(value) for value in joined[:4])
    part = (slice(top, top + height), slice(left, left + width))
    inside = mask[part] & (labels[part] == label)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    first, last = (int(rows[0]), int(columns[0])), (int(rows[-1]) + 1, int(columns[-1]) + 1)
    return Hole(
        top + first[0],
        left + first[1],
        top + last[0],
        left + last[1],
        inside[first[0] : last[0], first[1] : last[1]].copy(),
    )
