"""resize/, crop/, rotate/ and flip/: where each pixel goes."""

import math
import resource
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from apps.image_processing.engines import cropping, resizing, rotating
from apps.image_processing.tests.calls import edited, noise, pixels, refused
from core.images.tests.pictures import BLUE, GREEN, RED, WHITE, corners

pytestmark = pytest.mark.django_db

SIDES = st.integers(1, 300)


def at_corners(image: Image.Image) -> list[tuple[int, ...]]:
    """Left top, right top, left bottom, right bottom."""
    right, bottom = image.width - 1, image.height - 1
    places = [(0, 0), (right, 0), (0, bottom), (right, bottom)]
    return [image.getpixel(place) for place in places]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"width": 16, "height": 16}, (16, 8)),
        ({"width": 16}, (16, 8)),
        ({"height": 4}, (8, 4)),
        ({"width": 64, "height": 64, "mode": "fit"}, (64, 32)),
        ({"width": 20, "height": 20, "mode": "fill"}, (20, 20)),
        ({"width": 5, "height": 7, "mode": "exact"}, (5, 7)),
        ({"width": 10, "mode": "max_side"}, (10, 5)),
        ({"height": 10, "mode": "max_side"}, (10, 5)),
        ({"width": 900, "mode": "max_side"}, (32, 16)),
    ],
)
def test_resize_gives_the_size_that_the_mode_means(
    client: Any, fields: dict[str, Any], size: tuple[int, int]
) -> None:
    resized = edited(client, "resize", image=corners(), **fields)
    assert resized.size == size
    assert np.abs(np.array(at_corners(resized)) - [RED, GREEN, BLUE, WHITE]).max() <= 25


def test_fill_cuts_evenly_and_exact_stretches(client: Any) -> None:
    """A wide picture with a red left, a green right and blue between: fill keeps only the middle."""
    bands = Image.new("RGB", (90, 30), BLUE)
    bands.paste(RED, (0, 0, 25, 30))
    bands.paste(GREEN, (65, 0, 90, 30))
    filled = edited(client, "resize", image=bands, width=30, height=30, mode="fill")
    assert set(at_corners(filled)) == {BLUE}
    stretched = edited(client, "resize", image=bands, width=30, height=30, mode="exact")
    assert at_corners(stretched) == [RED, GREEN, RED, GREEN]


def test_a_resize_to_its_own_size_is_the_picture_itself(client: Any) -> None:
    image = noise(31, 17, "RGBA")
    assert (pixels(edited(client, "resize", image=image, width=31, height=17)) == pixels(image)).all()


def test_transparent_colours_do_not_bleed_into_a_resize(client: Any) -> None:
    """Red where it is visible, green where it is not: no mixture of both may show."""
    image = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 33, 64))
    small = pixels(edited(client, "resize", image=image, width=16, height=16))
    seen = small[small[..., 3] > 0]
    assert seen[:, 1].max() <= 8
    assert seen[:, 0].min() >= 247
    assert 0 < small[0, 8, 3] < 255, "the edge is soft"


def test_shrinking_averages_instead_of_dropping_pixels(client: Any) -> None:
    stripes = Image.fromarray(np.tile(np.array([0, 255], np.uint8), (64, 64)))
    small = pixels(edited(client, "resize", image=stripes, width=16, height=8, mode="exact"))
    assert np.abs(small - 127).max() <= 10, "black and white, not one of them"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "width"),
        ({"mode": "fill", "width": 9}, "height"),
        ({"mode": "exact", "height": 9}, "width"),
        ({"mode": "max_side", "width": 9, "height": 8}, "height"),
        ({"width": 0}, "width"),
        ({"width": -3}, "width"),
        ({"width": "wide"}, "width"),
        ({"width": 1.5}, "width"),
        ({"width": True}, "width"),
        ({"width": 65_536}, "width"),
        ({"width": 9, "mode": "squeeze"}, "mode"),
        ({"width": 9, "weight": 9}, "weight"),
    ],
)
def test_a_resize_that_makes_no_sense_is_refused(client: Any, fields: dict[str, Any], field: str) -> None:
    assert field in refused(client, "resize", image=corners(), **fields)["errors"]


def test_a_result_with_too_many_pixels_is_refused(client: Any, settings: Any) -> None:
    settings.STUDIO_MAX_IMAGE_PIXELS = 1000
    error = refused(client, "resize", status=413, image=corners(), width=60, height=20, mode="exact")
    assert error["code"] == "too_many_pixels"
    assert "60 x 20" in error["detail"]
    assert edited(client, "resize", image=corners(), width=50, height=20, mode="exact").size == (50, 20)


@given(size=st.tuples(SIDES, SIDES), width=SIDES, height=SIDES)
def test_fit_is_inside_and_touches_two_sides(size: tuple[int, int], width: int, height: int) -> None:
    fitted = resizing.resized_size(size, width=width, height=height, mode="fit")
    assert 1 <= fitted[0] <= width
    assert 1 <= fitted[1] <= height
    assert fitted[0] == width or fitted[1] == height
    # No other whole size on that scale is closer to the picture's own shape.
    assert abs(fitted[0] - size[0] * min(width / size[0], height / size[1])) <= 0.5 or fitted[0] == 1
    assert abs(fitted[1] - size[1] * min(width / size[0], height / size[1])) <= 0.5 or fitted[1] == 1


@given(size=st.tuples(SIDES, SIDES), side=SIDES)
def test_max_side_never_enlarges(size: tuple[int, int], side: int) -> None:
    width, height = resizing.resized_size(size, width=side, height=None, mode="max_side")
    assert max(width, height) == min(max(size), side)


@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    width=st.integers(1, 60),
    height=st.integers(1, 60),
    mode=st.sampled_from(["fit", "fill", "exact", "max_side"]),
    kind=st.sampled_from(["L", "RGB", "RGBA"]),
)
def test_every_picture_can_be_resized_to_every_size(
    size: tuple[int, int], width: int, height: int, mode: resizing.Mode, kind: str
) -> None:
    given_height = None if mode == "max_side" else height
    resized = resizing.resize(noise(*size, kind), width=width, height=given_height, mode=mode)
    assert resized.size == resizing.resized_size(size, width=width, height=given_height, mode=mode)
    assert resized.mode == kind


def test_a_crop_has_the_content_of_its_box(client: Any) -> None:
    image = noise(40, 30)
    cropped = edited(client, "crop", image=image, box=[5, 7, 20, 29])
    assert (pixels(cropped) == pixels(image)[7:29, 5:20]).all()


@pytest.mark.parametrize(
    ("fields", "box"),
    [
        ({"square": True}, (5, 0, 35, 30)),
        ({"aspect": "1:1"}, (5, 0, 35, 30)),
        ({"aspect": "16:9"}, (0, 4, 40, 26)),
        ({"aspect": "9:16"}, (11, 0, 28, 30)),
        ({"aspect": "2.35:1"}, (0, 6, 40, 23)),
    ],
)
def test_a_crop_to_a_shape_keeps_the_middle(
    client: Any, fields: dict[str, Any], box: tuple[int, int, int, int]
) -> None:
    image = noise(40, 30, "RGBA")
    left, top, right, bottom = box
    cropped = edited(client, "crop", image=image, **fields)
    assert (pixels(cropped) == pixels(image)[top:bottom, left:right]).all()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "box"),
        ({"box": [0, 0, 9, 9], "square": True}, "box"),
        ({"square": False}, "box"),
        ({"box": [0, 0, 33, 9]}, "box"),
        ({"box": [-1, 0, 9, 9]}, "box[0]"),
        ({"box": [9, 0, 9, 9]}, "box"),
        ({"box": [20, 9, 2, 2]}, "box"),
        ({"box": [0, 0, 9]}, "box"),
        ({"box": [0, 0, 9, 9.5]}, "box[3]"),
        ({"box": "0,0,9,9"}, "box"),
        ({"box": {"x": 1}}, "box"),
        ({"aspect": "wide"}, "aspect"),
        ({"aspect": "0:9"}, "aspect"),
        ({"aspect": "16/9"}, "aspect"),
    ],
)
def test_a_crop_that_makes_no_sense_is_refused(client: Any, fields: dict[str, Any], field: str) -> None:
    assert field in refused(client, "crop", image=corners(), **fields)["errors"]


@given(size=st.tuples(SIDES, SIDES), shape=st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)))
def test_a_centred_box_lies_inside_and_is_as_large_as_can_be(
    size: tuple[int, int], shape: tuple[float, float]
) -> None:
    left, top, right, bottom = cropping.centred_box(size, *shape)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert right - left == size[0] or bottom - top == size[1]
    assert abs(left - (size[0] - right)) <= 1
    assert abs(top - (size[1] - bottom)) <= 1


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (0, [RED, GREEN, BLUE, WHITE]),
        (90, [BLUE, RED, WHITE, GREEN]),
        (180, [WHITE, BLUE, GREEN, RED]),
        (270, [GREEN, WHITE, RED, BLUE]),
        (-90, [GREEN, WHITE, RED, BLUE]),
        (450, [BLUE, RED, WHITE, GREEN]),
    ],
)
def test_a_rotation_moves_the_corners_clockwise(
    client: Any, angle: int, expected: list[tuple[int, ...]]
) -> None:
    rotated = edited(client, "rotate", image=corners(), angle=angle)
    assert at_corners(rotated) == expected
    assert rotated.size == ((16, 32) if angle % 180 else (32, 16))


def test_four_quarters_are_the_picture_itself(client: Any) -> None:
    image = rotated = noise(13, 8, "RGBA")
    for _ in range(4):
        rotated = edited(client, "rotate", image=rotated, angle=90)
    assert (pixels(rotated) == pixels(image)).all()


def test_a_rotation_by_any_angle_turns_about_the_centre(client: Any) -> None:
    """A dot right of the centre is below it after 90 degrees, and half-way between after 45."""
    image = Image.new("RGB", (201, 201), "black")
    image.paste("white", (170, 95, 181, 106))
    rotated = edited(client, "rotate", image=image, angle=45, expand=False)
    assert rotated.size == (201, 201)
    rows, columns = np.nonzero(pixels(rotated)[..., 0] > 128)
    reach = 75 / math.sqrt(2)
    assert rows.mean() == pytest.approx(100 + reach, abs=1)
    assert columns.mean() == pytest.approx(100 + reach, abs=1)


def test_uncovered_corners_are_transparent_or_of_the_colour_asked_for(client: Any) -> None:
    image = Image.new("RGB", (60, 40), RED)
    clear = edited(client, "rotate", image=image, angle=30)
    assert clear.mode == "RGBA"
    assert {corner[3] for corner in at_corners(clear)} == {0}
    assert clear.getpixel((clear.width // 2, clear.height // 2)) == (*RED, 255)
    seen = pixels(clear)[pixels(clear)[..., 3] > 128]
    assert np.abs(seen[:, :3] - RED).max() <= 6, "nothing of the corners' colour gets in"
    blue = edited(client, "rotate", image=image, angle=30, background="#0a14fa")
    assert blue.mode == "RGB"
    assert set(at_corners(blue)) == {BLUE}


@pytest.mark.parametrize(
    ("colour", "values"), [("Teal", [0, 128, 128]), ("#f80", [255, 136, 0]), ("#0A14fa", [10, 20, 250])]
)
def test_a_colour_is_said_as_in_css(client: Any, colour: str, values: list[int]) -> None:
    rotated = edited(client, "rotate", image=noise(40, 20), angle=30, background=colour)

    assert pixels(rotated)[0, 0].tolist() == values


def test_a_mask_stays_grey_on_a_grey_background(client: Any) -> None:
    rotated = edited(client, "rotate", image=Image.new("L", (40, 20), 255), angle=10, background="#000000")
    assert rotated.mode == "L"
    assert at_corners(rotated) == [0, 0, 0, 0]


def test_a_flip_exchanges_sides(client: Any) -> None:
    across = edited(client, "flip", image=corners(), direction="horizontal")
    assert at_corners(across) == [GREEN, RED, WHITE, BLUE]
    over = edited(client, "flip", image=corners(), direction="vertical")
    assert at_corners(over) == [BLUE, WHITE, RED, GREEN]


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("rotate", {}, "angle"),
        ("rotate", {"angle": "NaN"}, "angle"),
        ("rotate", {"angle": 1e9}, "angle"),
        ("rotate", {"angle": 9, "background": "reddish"}, "background"),
        ("rotate", {"angle": 9, "expand": "perhaps"}, "expand"),
        ("flip", {}, "direction"),
        ("flip", {"direction": "sideways"}, "direction"),
    ],
)
def test_a_turn_that_makes_no_sense_is_refused(
    client: Any, path: str, fields: dict[str, Any], field: str
) -> None:
    assert field in refused(client, path, image=corners(), **fields)["errors"]


@given(
    size=st.tuples(st.integers(1, 80), st.integers(1, 80)),
    angle=st.one_of(st.floats(-720, 720), st.sampled_from([0, 45, 90, 180, 270, 360, 89.999999, 1e-9])),
    expand=st.booleans(),
    kind=st.sampled_from(["L", "RGB", "RGBA"]),
)
def test_a_rotated_picture_has_the_size_that_was_promised(
    size: tuple[int, int], angle: float, expand: bool, kind: str
) -> None:
    rotated = rotating.rotate(noise(*size, kind), angle, expand=expand)
    assert rotated.size == rotating.rotated_size(size, angle, expand=expand)
    if expand:
        diagonal = math.hypot(*size)
        assert min(size) - 1 <= max(rotated.size) <= diagonal + 2
        assert rotated.width * rotated.height >= size[0] * size[1] - 1e-6


@given(kind=st.sampled_from(["L", "RGB", "RGBA"]), size=st.tuples(SIDES, SIDES))
def test_flipping_twice_changes_nothing(kind: str, size: tuple[int, int]) -> None:
    image = noise(*size, kind)
    for direction in ("horizontal", "vertical"):
        twice = rotating.flip(rotating.flip(image, direction), direction)
        assert (pixels(twice) == pixels(image)).all()


def test_a_strip_is_stretched_without_a_larger_picture_in_between() -> None:
    """Pillow alone would hold 65,535 x 30,000 pixels for a moment."""
    strip = Image.new("RGB", (1, 30_000), RED)
    before = _most_memory()
    made = resizing.resize(strip, width=65_535, height=600, mode="exact")
    assert made.size == (65_535, 600)
    assert made.getpixel((60_000, 300)) == RED
    assert _most_memory() - before < 1_000_000_000


def _most_memory() -> int:
    """The most bytes that this process has had; macOS counts in bytes, Linux in KiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
