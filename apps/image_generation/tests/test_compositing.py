"""What is put together from a picture and what was painted over it, on plain pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from apps.image_generation.editing.windows import window
from apps.image_generation.engines.compositing import composite, eased, feathered, put_into, toned
from apps.image_generation.engines.harmonising import inserted, placed
from apps.image_generation.engines.outpainting import extended, new_area
from apps.image_generation.tests.pictures import disc, pixels
from apps.image_generation.tests.tiny import picture as noise
from core.images.masks import meant
from core.model_manager.entries import Sizes

SIZE = (96, 80)
MASK = disc(SIZE, (20, 10, 70, 60))
STARTER = Sizes(min_side=256, max_side=256, multiple_of=8, native=256)
SDXL = Sizes(min_side=512, max_side=2048, multiple_of=8, native=1024)


def plain(colour: tuple[int, int, int], size: tuple[int, int] = SIZE) -> Image.Image:
    return Image.new("RGB", size, colour)


@given(
    left=st.integers(0, 95),
    top=st.integers(0, 79),
    width=st.integers(1, 96),
    height=st.integers(1, 80),
)
def test_outside_a_mask_nothing_changes_whatever_its_shape(
    left: int, top: int, width: int, height: int
) -> None:
    mask = Image.new("L", SIZE)
    mask.paste(255, (left, top, left + width, top + height))
    region = meant(mask)
    picture, painted = noise(1, 96).crop((0, 0, *SIZE)), noise(2, 96).crop((0, 0, *SIZE))

    made = put_into(picture, painted, region)
    share = feathered(region)

    assert np.array_equal(pixels(made)[~region], pixels(picture)[~region])
    assert np.array_equal(pixels(eased(picture, region))[~region], pixels(picture)[~region])
    assert share[~region].max(initial=0) == 0
    assert 0 < share[region].min() <= share.max() <= 1


def test_a_feather_is_soft_at_the_border_and_whole_in_the_middle() -> None:
    share = feathered(meant(MASK))

    assert share[35, 45] == 1
    assert 0 < share[35, 20] < 0.6


def test_the_picture_own_edge_is_no_border() -> None:
    mask = Image.new("L", SIZE)
    mask.paste(255, (0, 0, 48, 80))

    assert feathered(meant(mask))[:, 0].min() == 1
    assert feathered(np.ones((80, 96), bool)).min() == 1


def test_tones_meet_at_the_border_and_other_things_keep_theirs() -> None:
    region = meant(MASK)
    darker = toned(plain((90, 140, 190)), plain((100, 150, 200)), region)
    ball = toned(plain((200, 30, 30)), plain((100, 150, 200)), region)

    assert np.abs(pixels(darker)[region] - (100, 150, 200)).max() <= 6
    assert np.array_equal(pixels(ball), pixels(plain((200, 30, 30))))


def test_easing_halves_a_step() -> None:
    region = meant(MASK)
    stepped = composite(plain((100, 100, 100)), plain((140, 140, 140)), region)
    hard = Image.fromarray(np.where(region[..., None], 140, pixels(stepped)).astype(np.uint8))

    assert pixels(eased(hard, region))[35, 20:23, 0].min() == pytest.approx(120, abs=1)
    assert pixels(eased(hard, region))[35, 45, 0] == 140


@given(padding=st.tuples(*[st.integers(0, 40)] * 4).filter(any))
def test_a_larger_canvas_holds_the_picture_as_it_is(padding: tuple[int, int, int, int]) -> None:
    picture = noise(3, 64)
    canvas, mask = extended(picture, padding), new_area(picture.size, padding)
    old = ~meant(mask)

    assert canvas.size == mask.size == (64 + padding[0] + padding[2], 64 + padding[1] + padding[3])
    assert np.array_equal(pixels(canvas)[old].reshape(64, 64, 3), pixels(picture))


def test_an_object_is_fitted_into_the_white_part_and_keeps_its_shape() -> None:
    thing = plain((200, 40, 40), (50, 20))
    cut_out = Image.new("L", (50, 20))
    cut_out.paste(255, (10, 0, 30, 20))
    put = placed(thing, cut_out, meant(MASK))
    rows, columns = np.flatnonzero(put.opacity.any(1)), np.flatnonzero(put.opacity.any(0))

    assert put.is_cut_out
    assert np.ptp(rows) + 1 <= 51
    assert abs(int(np.ptp(rows)) - int(np.ptp(columns))) <= 1, "the object is a square"
    assert put.opacity[~meant(MASK)].max() == 0


def test_an_inserted_object_takes_on_some_of_the_light_around_it() -> None:
    night = plain((20, 25, 60))
    thing = noise(5, 40).point(lambda value: 150 + value // 8)
    made = inserted(night, placed(thing, disc((40, 40), (2, 2, 38, 38)), meant(MASK)))
    inside = pixels(made)[30:40, 40:50]

    assert np.array_equal(pixels(made)[~meant(MASK)], pixels(night)[~meant(MASK)])
    assert 60 < inside.mean() < 160, "darker than it was, and still there"


@pytest.mark.timeout(30)
def test_a_large_object_is_inserted_in_moments() -> None:
    """Hours, when each of its millions of pixels looked at every other one nearby."""
    size = 1200, 1200
    thing = placed(plain((200, 40, 40), (60, 60)), disc((60, 60), (2, 2, 58, 58)), np.ones(size, bool))

    made = inserted(plain((20, 25, 60), size), thing)

    assert made.getpixel((600, 600)) != (20, 25, 60)
    assert made.getpixel((2, 2)) == (20, 25, 60)


@given(
    thing=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    place=st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 60)] * 2),
    is_cut_out=st.booleans(),
)
def test_a_thing_of_any_shape_goes_into_a_place_of_any_shape(
    thing: tuple[int, int], place: tuple[int, int, int, int], is_cut_out: bool
) -> None:
    mask = Image.new("L", SIZE)
    mask.paste(255, (place[0], place[1], place[0] + place[2], place[1] + place[3]))
    region, scene = meant(mask), noise(1, 96).crop((0, 0, *SIZE))
    opacity = disc(thing, (0, 0, thing[0] - 1, thing[1] - 1)) if is_cut_out else None

    made = inserted(scene, placed(plain((200, 40, 40), thing), opacity, region))

    assert np.array_equal(pixels(made)[~region], pixels(scene)[~region])


def test_a_window_shows_the_whole_picture_reduced_or_what_surrounds_the_mask() -> None:
    size, mask = (1200, 800), disc((1200, 800), (900, 500, 1000, 600))

    assert window(size, mask, STARTER, "resized").box == (0, 0, 1200, 800)
    assert window(size, mask, STARTER, "resized").size == (312, 208)
    near = window(size, mask, STARTER, "original")
    assert (near.box, near.size) == ((822, 422, 1078, 678), (256, 256))
    assert window(size, None, SDXL, "original").size == (1200, 800)
    assert window((64, 64), disc((64, 64), (1, 1, 9, 9)), SDXL, "original").box == (0, 0, 64, 64)


@given(
    size=st.tuples(st.integers(16, 3000), st.integers(16, 3000)),
    place=st.tuples(*[st.floats(0, 1)] * 4),
    sizes=st.sampled_from([STARTER, SDXL]),
)
def test_a_window_lies_in_the_picture_and_covers_the_mask(
    size: tuple[int, int], place: tuple[float, float, float, float], sizes: Sizes
) -> None:
    left, right = sorted(round(share * (size[0] - 1)) for share in place[:2])
    top, bottom = sorted(round(share * (size[1] - 1)) for share in place[2:])
    mask = Image.new("L", size)
    mask.paste(255, (left, top, right + 1, bottom + 1))

    box = window(size, mask, sizes, "original").box

    assert 0 <= box[0] <= left
    assert 0 <= box[1] <= top
    assert right < box[2] <= size[0]
    assert bottom < box[3] <= size[1]


def test_a_thin_mask_is_still_there_when_the_picture_is_reduced() -> None:
    mask = Image.new("L", (3000, 3000))
    mask.paste(255, (1500, 0, 1502, 3000))
    shown = window(mask.size, mask, STARTER, "resized").of(mask)

    assert meant(shown).any(axis=1).all()
