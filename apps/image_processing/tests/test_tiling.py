"""Tiles cover a picture, each pixel once, and leave no seams."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from apps.image_processing.engines.tiling import Pixels, tiled, tiles_of


@given(
    height=st.integers(1, 200),
    width=st.integers(1, 200),
    side=st.integers(16, 64),
    overlap=st.integers(0, 14),
    scale=st.integers(1, 3),
)
def test_tiles_put_together_are_the_picture(
    height: int, width: int, side: int, overlap: int, scale: int
) -> None:
    """The border of every tile is spoilt, as a filter's is: none of it may be seen inside the picture."""
    pixels = np.arange(height * width, dtype=np.uint32).reshape(height, width, 1).astype(np.uint8)
    shapes, margin = set(), overlap // 2

    def work(tile: Pixels) -> Pixels:
        shapes.add(tile.shape)
        assert max(tile.shape[:2]) <= side
        return tile.repeat(scale, axis=0).repeat(scale, axis=1)

    told: list[tuple[int, int]] = []
    result = tiled(
        pixels,
        work,
        side=side,
        overlap=overlap,
        scale=scale,
        report=lambda done, of: told.append((done, of)),
    )
    assert (result == pixels.repeat(scale, axis=0).repeat(scale, axis=1)).all()
    assert len(shapes) == 1
    assert told == [(number, len(told) - 1) for number in range(len(told))]
    covered = np.zeros((height, width), int)
    for tile in tiles_of(height, width, side=side, overlap=overlap):
        rows, columns = tile.inner
        covered[
            tile.top + rows.start : tile.top + rows.stop, tile.left + columns.start : tile.left + columns.stop
        ] += 1
        assert rows.start >= margin or tile.top + rows.start == 0
        assert tile.height - rows.stop >= margin or tile.top + rows.stop == height
        assert columns.start >= margin or tile.left + columns.start == 0
        assert tile.width - columns.stop >= margin or tile.left + columns.stop == width
    assert (covered == 1).all()
