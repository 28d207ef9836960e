"""Filling a hole with patches of its surroundings, from coarse to fine: texture goes on instead of smearing.

Wexler, Shechtman and Irani, "Space-Time Completion of Video" (2007): find for every patch that touches the
hole the most similar one outside, let the patches found vote for the pixels, and repeat. The search is
PatchMatch (Barnes et al. 2009), on patches that are reduced to their principal components.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.image_processing.engines.holes import Mask, Tell
from apps.image_processing.engines.opencv_filling import OpenCVFiller
from apps.image_processing.engines.patches import (
    RADIUS,
    Floats,
    Places,
    basis_of,
    components,
    framed,
    in_frame,
    shifts,
)
from apps.image_processing.engines.seams import rim_of, without_seam
from apps.image_processing.engines.tiling import Pixels

# The finest level that is searched has at most so many pixels in the hole and in all.
_MOST_HOLE, _MOST_ALL = 40_000, 400_000
_ROUNDS_FIRST, _ROUNDS_COARSE, _ROUNDS_FINE = 4, 8, 3
_INNER = np.s_[RADIUS:-RADIUS, RADIUS:-RADIUS]  # a picture without its frame
_SEAM = 1.2  # how far a seam is evened out, in the finest level's pixels
_LEAST = np.float32(1e-30)
_BAND = 256  # rows that are written at a time
_SEED = 20091  # the same hole is filled the same way


class PatchFiller:
    """See `holes.Filler`."""

    def fill(self, pixels: Pixels, hole: Mask, tell: Tell) -> Pixels:
        finest = min(1.0, (_MOST_HOLE / max(1, hole.sum())) ** 0.5, (_MOST_ALL / hole.size) ** 0.5)
        levels = [level for scale in _scales(hole, finest) if (level := _level(pixels, hole, scale))]
        if not levels:
            return OpenCVFiller("telea").fill(pixels, hole, tell)
        random = np.random.default_rng(_SEED)
        matches = levels[0].first_matches(random)
        for number, level in enumerate(levels):
            if number:
                matches = _carried_over(matches, levels[number - 1], level, random)
            rounds = _ROUNDS_FINE if level is levels[-1] else _ROUNDS_COARSE
            for done in range(rounds):
                tell((number + done / rounds) / len(levels))
                level.vote(matches)
                matches = level.search(matches, random)
            level.vote(matches)
        return _at_full_size(pixels, hole, levels[-1], matches)


@dataclass
class _Level:
    """One size of the picture. `picture` is float32 with a frame of `RADIUS` mirrored pixels around it."""

    picture: Floats
    hole: Mask
    sources: Places  # the centres of patches without a pixel of the hole
    targets: Places  # the centres of patches with one
    trust: Floats  # of each target: what is near the rim is known better
    basis: Floats  # 147 x components
    known: Floats  # the components of every source, by pixel
    is_source: Mask

    @property
    def width(self) -> int:
        return int(self.hole.shape[1])

    def first_matches(self, random: np.random.Generator) -> Places:
        """Matches of a hole that is painted from its rim: lines that end at it then go on through it."""
        known = np.rint(np.clip(self.picture[_INNER], 0, 255)).astype(np.uint8)
        painted = cv2.inpaint(known, self.hole.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA)
        self._paint(np.flatnonzero(self.hole), painted[self.hole])
        matches: Places = random.choice(self.sources, len(self.targets))
        for _ in range(_ROUNDS_FIRST):
            matches = self.search(matches, random)
        return matches

    def search(self, matches: Places, random: np.random.Generator) -> Places:
        """Better matches for the targets: what suits a neighbour, moved along, or something at random."""
        wanted = components(self.picture, self.targets, self.width, self.basis)
        best = ((self.known[matches] - wanted) ** 2).sum(axis=1)
        lookup = np.full(self.hole.size, -1, np.intp)
        lookup[self.targets] = np.arange(len(self.targets))
        reach = max(self.hole.shape)
        for _ in range(2):
            for step in (1, -1, self.width, -self.width):
                neighbour = lookup[np.clip(self.targets - step, 0, self.hole.size - 1)]
                moved = np.where(neighbour >= 0, matches[neighbour] + step, matches)
                self._improve(matches, best, wanted, moved)
            radius = reach
            while radius >= 1:
                shift = random.integers(-radius, radius + 1, (2, len(matches)))
                self._improve(matches, best, wanted, matches + shift[0] * self.width + shift[1])
                radius //= 3
        self._improve(matches, best, wanted, random.choice(self.sources, len(matches)))
        return matches

    def vote(self, matches: Places) -> None:
        """Paints the hole with what the matches say of each pixel."""
        places = np.flatnonzero(self.hole)
        self._paint(places, self.opinion(matches)[places])

    def opinion(self, matches: Places) -> Floats:
        """The colours that the matches give to all that the targets' patches cover: places x 3."""
        flat = self.picture.reshape(-1, 3)
        sums = np.zeros(flat.shape, np.float32)
        weights = np.zeros(len(flat), np.float32)
        targets, sources = in_frame(self.targets, self.width), in_frame(matches, self.width)
        for shift in shifts(self.width):
            sums[targets + shift] += flat[sources + shift] * self.trust[:, None]
            weights[targets + shift] += self.trust
        said = in_frame(np.arange(self.hole.size), self.width)
        return np.asarray(sums[said] / np.maximum(weights[said], _LEAST)[:, None], np.float32)

    def _paint(self, places: Places, colours: NDArray[Any]) -> None:
        self.picture.reshape(-1, 3)[in_frame(places, self.width)] = colours
        self.picture = framed(self.picture[_INNER])  # where the hole is at a border, the frame mirrors it

    def _improve(self, matches: Places, best: Floats, wanted: Floats, candidates: Places) -> None:
        candidates = np.clip(candidates, 0, self.hole.size - 1)
        distance = ((self.known[candidates] - wanted) ** 2).sum(axis=1)
        better = (distance < best) & self.is_source.reshape(-1)[candidates]
        matches[better] = candidates[better]
        best[better] = distance[better]


def _scales(hole: Mask, finest: float) -> list[float]:
    """Sizes of the picture from where the hole is a few pixels deep up to `finest`, doubling."""
    depth = float(cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3).max())
    scales = [finest]
    while depth * scales[0] > RADIUS and min(hole.shape) * scales[0] > 8 * RADIUS:
        scales.insert(0, scales[0] / 2)
    return scales


def _level(pixels: Pixels, hole: Mask, scale: float) -> _Level | None:
    """None when nothing around the hole is large enough to be a patch."""
    size = max(1, round(hole.shape[1] * scale)), max(1, round(hole.shape[0] * scale))
    picture, hole = _shrunk(pixels, hole, size)
    reach = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
    touched = cv2.dilate(hole.astype(np.uint8), reach) > 0
    is_source = ~touched
    for frame in (np.s_[:RADIUS], np.s_[-RADIUS:], np.s_[:, :RADIUS], np.s_[:, -RADIUS:]):
        is_source[frame] = False
    sources, targets = np.flatnonzero(is_source), np.flatnonzero(touched)
    if not len(sources):
        return None
    depth = cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    trust = (1.3 ** -depth.reshape(-1)[targets]).astype(np.float32)  # Wexler's gamma
    picture = framed(picture)
    basis = basis_of(picture, sources, size[0])
    known = np.zeros((hole.size, basis.shape[1]), np.float32)
    known[sources] = components(picture, sources, size[0], basis)
    return _Level(picture, hole, sources, targets, trust, basis, known, is_source)


def _shrunk(pixels: Pixels, hole: Mask, size: tuple[int, int]) -> tuple[Floats, Mask]:
    """Colours without a trace of what is in the hole; a pixel that is in it in part is in it."""
    known = (~hole).astype(np.uint8)
    weighted = cv2.resize(pixels * known[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(known * 255, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return weighted / np.maximum(weight, 0.01)[..., None], weight < 0.999


def _carried_over(matches: Places, before: _Level, level: _Level, random: np.random.Generator) -> Places:
    """The matches of the coarser level `before`, moved to the pixels of `level`; any where none fits."""
    rows, columns = np.divmod(level.targets, level.width)
    rows, columns = _sent(rows, columns, before, _moves(before, matches), level.hole.shape)
    inside = (rows >= 0) & (rows < level.hole.shape[0]) & (columns >= 0) & (columns < level.width)
    moved = np.where(inside, rows * level.width + columns, 0)
    good = inside & level.is_source.reshape(-1)[moved]
    return np.where(good, moved, random.choice(level.sources, len(level.targets)))


def _moves(level: _Level, matches: Places) -> Places:
    """For every pixel of the level, the rows and columns from it to its match (0 outside the targets)."""
    moves = np.zeros((level.hole.size, 2), np.intp)
    to_rows, to_columns = np.divmod(matches, level.width)
    rows, columns = np.divmod(level.targets, level.width)
    moves[level.targets, 0], moves[level.targets, 1] = to_rows - rows, to_columns - columns
    return moves


def _sent(
    rows: Places, columns: Places, level: _Level, moves: Places, shape: tuple[int, ...]
) -> tuple[Places, Places]:
    """Where the `moves` of `level` send pixels of the same picture in a larger `shape`; maybe outside it."""
    down, across = level.hole.shape[0] / shape[0], level.hole.shape[1] / shape[1]
    coarse_rows = np.minimum((rows * down).astype(np.intp), level.hole.shape[0] - 1)
    coarse_columns = np.minimum((columns * across).astype(np.intp), level.width - 1)
    move = moves[coarse_rows * level.width + coarse_columns]
    return (
        rows + np.rint(move[:, 0] / down).astype(np.intp),
        columns + np.rint(move[:, 1] / across).astype(np.intp),
    )


def _at_full_size(pixels: Pixels, hole: Mask, level: _Level, matches: Places) -> Pixels:
    """What the matches say of the hole and its rim in the real picture, without a seam between them.

    Colours are those of the patches that were blended, enlarged. What the real picture has beyond its own
    enlarged copy is added from where each pixel's match lies.
    """
    small = level.picture[_INNER].reshape(-1, 3).copy()
    small[level.targets] = level.opinion(matches)[level.targets]
    found = np.rint(np.clip(small, 0, 255)).astype(np.uint8).reshape(*level.hole.shape, 3)
    if found.shape == pixels.shape:
        return without_seam(pixels, found, hole, _SEAM)
    height, width = hole.shape
    base = cv2.resize(found, (width, height), interpolation=cv2.INTER_CUBIC)
    predicted, moves, wanted = pixels.copy(), _moves(level, matches), hole | rim_of(hole)
    for top in range(0, height, _BAND):
        rows, columns = np.nonzero(wanted[top : top + _BAND])
        rows += top
        from_rows, from_columns = _sent(rows, columns, level, moves, hole.shape)
        from_rows, from_columns = np.clip(from_rows, 0, height - 1), np.clip(from_columns, 0, width - 1)
        detail = pixels[from_rows, from_columns].astype(np.int16) - base[from_rows, from_columns]
        predicted[rows, columns] = np.clip(base[rows, columns] + detail, 0, 255)
    return without_seam(pixels, predicted, hole, _SEAM * height / level.hole.shape[0])
