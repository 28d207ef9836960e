"""Whatever the mask and whatever fills it: the holes are the mask, and nothing else changes."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from apps.image_processing.engines.holes import Mask, Tell, fill_holes, separate
from apps.image_processing.engines.opencv_filling import OpenCVFiller
from apps.image_processing.engines.patch_filling import PatchFiller
from apps.image_processing.engines.tiling import Pixels
from core.exceptions import Cancelled

FILLERS = [PatchFiller(), OpenCVFiller("telea"), OpenCVFiller("ns")]
MASKS = arrays(np.bool_, st.tuples(st.integers(1, 90), st.integers(1, 90)), elements=st.booleans()).filter(
    lambda mask: mask.any() and not mask.all()
)


class Vandal:
    """Leaves no pixel as it was."""

    def fill(self, pixels: Pixels, hole: Mask, tell: Tell) -> Pixels:
        tell(0.5)
        return 255 - pixels


def quiet(done: int, of: int) -> None:
    pass


def ground(shape: tuple[int, int]) -> Pixels:
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.stack([60 + rows % 120, 80 + columns % 120, 90 + 0 * rows], axis=-1).astype(np.uint8)


@given(mask=MASKS)
def test_the_holes_are_the_mask_each_pixel_once(mask: Mask) -> None:
    covered = np.zeros(mask.shape, int)
    for hole in separate(mask):
        covered[hole.top : hole.bottom, hole.left : hole.right] += hole.inside
        rows, columns = hole.surroundings(mask.shape)
        assert rows.start <= hole.top < hole.bottom <= rows.stop
        assert columns.start <= hole.left < hole.right <= columns.stop
    assert (covered == mask).all()


@given(mask=MASKS)
def test_only_the_holes_change(mask: Mask) -> None:
    pixels, told = ground(mask.shape), []
    result = fill_holes(pixels, mask, Vandal(), lambda done, of: told.append(done / of))
    assert (result[~mask] == pixels[~mask]).all()
    assert (result[mask] == 255 - pixels[mask]).all()
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize("filler", FILLERS, ids=["patches", "telea", "ns"])
@pytest.mark.parametrize("name", ["frame", "corner", "rows", "dust", "nearly all", "one pixel left", "noise"])
def test_every_filler_takes_every_mask(filler: PatchFiller | OpenCVFiller, name: str) -> None:
    mask = np.zeros((80, 100), bool)
    match name:
        case "frame":
            mask[:, :] = True
            mask[20:60, 20:80] = False
        case "corner":
            mask[50:, 60:] = True
        case "rows":
            mask[::2] = True
        case "dust":
            mask[::9, ::7] = True
        case "nearly all":
            mask[:, 4:] = True
        case "one pixel left":
            mask[:, :] = True
            mask[40, 50] = False
        case "noise":
            mask = np.random.default_rng(1).random((80, 100)) < 0.3
    pixels = np.full((80, 100, 3), (120, 90, 60), np.uint8)
    before = pixels.copy()
    before[mask] = (0, 255, 255)
    result = fill_holes(before, mask, filler, quiet)
    assert (result[~mask] == pixels[~mask]).all()
    # Fast marching drifts a little with the distance.
    assert np.abs(result[mask].astype(int) - (120, 90, 60)).max() <= 25, "a plain ground goes on"


def test_dust_all_over_a_large_picture_is_filled_in_seconds() -> None:
    """The worst a mask can be: no patch without a hole, and no small copy that shows them."""
    pixels = ground((1200, 1600))
    mask = np.random.default_rng(2).random((1200, 1600)) < 0.3
    before = pixels.copy()
    before[mask] = 255
    started = time.process_time()
    result = fill_holes(before, mask, PatchFiller(), quiet)
    assert time.process_time() - started < 20
    assert np.abs(result[mask].astype(int) - pixels[mask]).mean() < 3


def test_a_filling_can_be_stopped_in_the_middle() -> None:
    mask = np.zeros((200, 200), bool)
    mask[60:140, 60:140] = True
    told: list[int] = []

    def report(done: int, of: int) -> None:
        told.append(done)
        if done > of // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        fill_holes(ground((200, 200)), mask, PatchFiller(), report)
    assert len(told) > 5


def test_the_same_hole_is_filled_the_same_way() -> None:
    mask = np.zeros((120, 120), bool)
    mask[40:80, 30:90] = True
    pixels = np.random.default_rng(4).integers(0, 256, (120, 120, 3), np.uint8)
    first = fill_holes(pixels, mask, PatchFiller(), quiet)
    assert (fill_holes(pixels, mask, PatchFiller(), quiet) == first).all()
