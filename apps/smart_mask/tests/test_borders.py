"""Borders move by whole pixels, exactly; soft edges are gradual."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.smart_mask import borders
from apps.smart_mask.segmenting import Flags


def square(side: int = 100, start: int = 40, stop: int = 60) -> Flags:
    inside = np.zeros((side, side), bool)
    inside[start:stop, start:stop] = True
    return inside


@pytest.mark.parametrize("pixels", [1, 2, 5, 17])
def test_a_border_grows_by_exactly_so_many_pixels(pixels: int) -> None:
    grown = borders.moved(square(), pixels)
    rows, columns = np.flatnonzero(grown.any(axis=1)), np.flatnonzero(grown.any(axis=0))
    assert (rows[0], rows[-1]) == (columns[0], columns[-1]) == (40 - pixels, 59 + pixels)
    assert grown[50, 40 - pixels]
    assert not grown[50, 40 - pixels - 1]
    assert not grown[40 - pixels, 40 - pixels], "a corner is as far away as the crow flies"


@pytest.mark.parametrize("pixels", [1, 2, 5, 9])
def test_a_border_shrinks_by_exactly_so_many_pixels(pixels: int) -> None:
    assert np.array_equal(borders.moved(square(), -pixels), square(start=40 + pixels, stop=60 - pixels))


def test_a_mask_may_shrink_to_nothing() -> None:
    assert not borders.moved(square(), -10).any()
    assert not borders.moved(square(), -500).any()


def test_the_pictures_edge_is_no_border() -> None:
    left_half = np.zeros((50, 80), bool)
    left_half[:, :40] = True
    expected = np.zeros((50, 80), bool)
    expected[:, :33] = True
    assert np.array_equal(borders.moved(left_half, -7), expected)


def test_all_and_nothing_stay_as_they_are() -> None:
    for mask in (np.zeros((9, 9), bool), np.ones((9, 9), bool)):
        for pixels in (-3, 0, 3):
            assert np.array_equal(borders.moved(mask, pixels), mask)


@given(
    st.lists(st.tuples(st.integers(0, 23), st.integers(0, 23)), min_size=1, max_size=9),
    st.integers(1, 12),
)
def test_growing_is_every_pixel_so_near(inside: list[tuple[int, int]], pixels: int) -> None:
    mask = np.zeros((24, 24), bool)
    mask[tuple(zip(*inside, strict=True))] = True
    y, x = np.mgrid[0:24, 0:24]
    near = np.zeros((24, 24), bool)
    for row, column in inside:
        near |= (y - row) ** 2 + (x - column) ** 2 <= pixels**2
    assert np.array_equal(borders.moved(mask, pixels), near)
    assert np.array_equal(borders.moved(~mask, -pixels), ~near), "shrinking is growing what is outside"


def test_a_soft_edge_rises_gradually_through_the_border() -> None:
    sharp = square(400, 100, 300).astype(np.uint8) * 255
    soft = borders.softened(sharp)
    across = soft[200, 85:115].astype(int)
    assert (np.diff(across) >= 0).all()
    assert len(set(across)) >= 4
    assert soft[200, 99] < 128 <= soft[200, 100] + 40
    assert soft[200, 200] == 255
    assert soft[5, 5] == 0


def test_a_larger_picture_has_a_wider_soft_edge() -> None:
    def width(side: int) -> int:
        sharp = square(side, side // 4, side // 2).astype(np.uint8) * 255
        row = borders.softened(sharp)[side // 3]
        return int(((row > 0) & (row < 255)).sum())

    assert width(4000) > 3 * width(400)
