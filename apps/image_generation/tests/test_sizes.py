"""The size that a model paints at, for whatever size is wanted."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from apps.image_generation.masks import fit_mask
from apps.image_generation.sizes import fit, painted_size
from core.model_manager.entries import Sizes

STARTER = Sizes(min_side=256, max_side=256, multiple_of=8, native=256)
SDXL = Sizes(min_side=512, max_side=2048, multiple_of=8, native=1024)
SIDES = st.integers(1, 50_000_000)
SMALL = st.integers(1, 700)


@given(width=SIDES, height=SIDES, sizes=st.sampled_from([STARTER, SDXL]))
@example(width=50_000_000, height=1, sizes=STARTER)
def test_no_picture_is_narrow_enough_to_be_painted_much_larger_than_the_model_paints(
    width: int, height: int, sizes: Sizes
) -> None:
    painted = painted_size(width, height, sizes)
    assert all(side % sizes.multiple_of == 0 for side in painted)
    assert painted[0] * painted[1] <= 1.1 * sizes.max_side**2
    assert (painted[0] >= painted[1]) == (width >= height) or painted[0] == painted[1]


@given(width=st.integers(128, 2048), height=st.integers(128, 2048))
def test_what_generate_allows_keeps_its_aspect(width: int, height: int) -> None:
    painted = painted_size(width, height, STARTER)
    rounding = STARTER.multiple_of / 2 / min(painted)
    assert abs(painted[0] / painted[1] / (width / height) - 1) <= 2.2 * rounding


@given(size=st.tuples(SMALL, SMALL), wanted=st.tuples(SMALL, SMALL))
@example(size=(4000, 3000), wanted=(22, 16))
def test_every_picture_fits_into_every_size(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert fit(Image.new("L", size), *wanted).size == wanted


@settings(max_examples=20)
@given(at=st.integers(0, 2999), width=st.integers(4, 100))
def test_a_line_of_a_mask_is_still_white_when_the_mask_is_reduced(at: int, width: int) -> None:
    mask = Image.new("L", (4000, 3000))
    mask.paste(255, (0, at, 4000, at + 1))
    seen = fit_mask(mask, 4 * width, 3 * width)
    assert seen.getbbox() is not None
    assert set(seen.tobytes()) == {0, 255}
