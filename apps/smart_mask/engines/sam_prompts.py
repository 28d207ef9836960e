"""What all SAM-type engines share: prompts as their decoders take them, and which of their masks is meant."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.smart_mask.engines.frames import Coordinates, Frame, Logits
from apps.smart_mask.segmenting import Box, Flags, Point, Prompts, Segmented

# Without any prompt, so many points a side are tried.
_GRID = 4
# A main subject takes at least this part of the picture, and not nearly all of it.
_SMALLEST, _LARGEST = 0.02, 0.95
# How far from the middle a main subject may lie, as a part of the side: the width of a bell curve.
_REACH = 0.35


@dataclass(frozen=True, eq=False)
class SamPrompts:
    """`points` (P x N x 2, in the frame's pixels) and `labels` (P x N) for P tries of N points each; `boxes`
    (P x 4) and `guidance` (cells x cells logits) or None.

    `ambiguous`: one click may mean a thing or a part of it, so the decoder is asked for several masks.
    """

    points: Coordinates | None
    labels: NDArray[np.int64] | None
    boxes: Coordinates | None
    guidance: Logits | None
    ambiguous: bool


def sam_prompts(prompts: Prompts, frame: Frame, *, cells: int) -> SamPrompts:
    """`prompts` for a decoder whose masks have `cells` a side.

    A guidance mask alone is a weak prompt to SAM: its box and its innermost point go with it.
    """
    points, labels, box = list(prompts.points), list(prompts.labels), prompts.box
    guidance = None
    if prompts.guidance is not None:
        guidance = frame.gridded(prompts.guidance, cells)
        box = box or _bounds(prompts.guidance)
        if not prompts.inside:
            points, labels = [*points, _innermost(prompts.guidance)], [*labels, 1]
    if not points and not box:
        grid = _grid(frame)
        return SamPrompts(frame.placed(grid), np.ones(grid.shape[:2], np.int64), None, None, ambiguous=True)
    return SamPrompts(
        frame.placed(np.array([points], np.float32)) if points else None,
        np.array([labels], np.int64) if points else None,
        frame.placed(np.array([box], np.float32).reshape(1, 2, 2)).reshape(1, 4) if box else None,
        guidance,
        ambiguous=box is None and len(points) == 1,
    )


def meant(masks: Logits, scores: NDArray[np.float32], frame: Frame, prompts: Prompts) -> Segmented:
    """The best of `masks` (P x M x cells x cells) by `scores` (P x M), at the picture's size.

    Without a prompt, the best main subject among them.
    """
    masks, scores = masks.reshape(-1, *masks.shape[-2:]), scores.reshape(-1)
    ranks = scores
    if prompts.empty:
        ranks = np.clip(scores, 1e-3, 1) * _subject_weights(frame.cropped(masks) > 0)
    best = int(ranks.argmax())
    return Segmented(frame.restored(masks[best]), float(np.clip(scores[best], 0, 1)))


def _subject_weights(masks: NDArray[np.bool_]) -> NDArray[np.float32]:
    """0..1 for each mask: near the middle, not cut off by the picture's edge, neither tiny nor everything."""
    _, height, width = masks.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bell = np.exp(
        -((((x + 0.5) / width - 0.5) / _REACH) ** 2 + (((y + 0.5) / height - 0.5) / _REACH) ** 2) / 2
    )
    areas = masks.mean(axis=(1, 2))
    central = (masks * bell).sum(axis=(1, 2)) / np.maximum(masks.sum(axis=(1, 2)), 1)
    rim = np.ones((height, width), bool)
    rim[1:-1, 1:-1] = False
    uncut = 1 - masks[:, rim].mean(axis=1)
    large_enough = np.minimum(1, areas / _SMALLEST) * (areas <= _LARGEST)
    return np.asarray(central * uncut * large_enough, np.float32)


def _grid(frame: Frame) -> Coordinates:
    """Points in the middle of `_GRID` x `_GRID` equal parts, each a try of its own."""
    steps = (np.arange(_GRID, dtype=np.float32) + 0.5) / _GRID
    x, y = np.meshgrid(steps * frame.width, steps * frame.height)
    return np.stack([x.ravel(), y.ravel()], axis=1)[:, None, :].astype(np.float32)


def _bounds(guidance: Flags) -> Box:
    rows, columns = np.flatnonzero(guidance.any(axis=1)), np.flatnonzero(guidance.any(axis=0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _innermost(guidance: Flags) -> Point:
    """The point that is farthest from the guidance mask's outline; the picture's edge is one, too."""
    padded = np.pad(guidance.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(x), float(y)
