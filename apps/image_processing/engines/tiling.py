"""Working through a large picture tile by tile: memory stays bounded, and somebody can say stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Report = Callable[[int, int], None]  # (parts done, parts); what it raises ends the work


@dataclass(frozen=True)
class Tile:
    """Read the pixels from `top`, `left` on, `height` x `width` of them; of the result keep `inner` (rows,
    columns, relative to the tile)."""

    top: int
    left: int
    height: int
    width: int
    inner: tuple[slice, slice]


def tiled(
    pixels: Pixels, work: Callable[[Pixels], Pixels], *, side: int, overlap: int, scale: int, report: Report
) -> Pixels:
    """H x W x C pixels through `work`, at most `side` x `side` of them at a time.

    `work` gives each tile `scale` times as large. Tiles overlap by `overlap` pixels, of which neither keeps
    its outer half: what `work` makes of a border is thrown away. All tiles of a picture have the same shape.
    """
    height, width = pixels.shape[:2]
    result = np.empty((height * scale, width * scale, pixels.shape[2]), np.uint8)
    tiles = list(tiles_of(height, width, side=side, overlap=overlap))
    for number, tile in enumerate(tiles):
        report(number, len(tiles))
        rows, columns = tile.inner
        made = work(pixels[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width])
        kept = made[_scaled(rows, scale), _scaled(columns, scale)]
        top, left = (tile.top + rows.start) * scale, (tile.left + columns.start) * scale
        result[top : top + kept.shape[0], left : left + kept.shape[1]] = kept
    report(len(tiles), len(tiles))
    return result


def tiles_of(height: int, width: int, *, side: int, overlap: int) -> Iterator[Tile]:
    """Tiles whose `inner` parts cover a height x width picture, each pixel once, row by row."""
    for top, rows in _spans(height, side, overlap):
        for left, columns in _spans(width, side, overlap):
            yield Tile(top, left, min(side, height), min(side, width), (rows, columns))


def _spans(length: int, side: int, overlap: int) -> Iterator[tuple[int, slice]]:
    """(start, the part of it that counts) of spans of `side` that cover `length`."""
    if length <= side:
        yield 0, slice(0, length)
        return
    done = 0
    while done < length:
        start = min(max(0, done - overlap // 2), length - side)
        end = start + side
        counts_to = length if end == length else end - overlap // 2
        yield start, slice(done - start, counts_to - start)
        done = counts_to


def _scaled(part: slice, scale: int) -> slice:
    return slice(part.start * scale, part.stop * scale)
