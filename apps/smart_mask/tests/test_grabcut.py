"""GrabCut on painted pictures, whose right mask is known, and on photos."""

from typing import Any

import numpy as np
import pytest

from apps.smart_mask.engines import grabcut
from apps.smart_mask.engines.grabcut import GrabCut
from apps.smart_mask.segmenting import Flags, Pixels, Prompts
from apps.smart_mask.tests.pictures import PHOTOS, ball, ball_flags, iou, needs_photos, photo

# (width, height), and the ball's centre and radius: smaller and larger than the reduced copy.
SIZES: list[Any] = [
    ((160, 120), {"centre": (60, 50), "radius": 30}),
    ((900, 1300), {"centre": (400, 700), "radius": 250}),
]


def masked(image: Pixels, prompts: Prompts) -> Flags:
    engine = GrabCut()
    return engine.segment(engine.encode(image, on_step=lambda step, steps: None), prompts).mask >= 0.5


@pytest.mark.parametrize(("size", "where"), SIZES)
class TestPaintedBall:
    def test_a_click_on_it(self, size: Any, where: Any) -> None:
        x, y = where["centre"]
        found = masked(ball(*size, **where), Prompts(((float(x), float(y)),), (1,)))
        assert iou(found, ball_flags(*size, **where)) > 0.98

    def test_a_box_around_it(self, size: Any, where: Any) -> None:
        (x, y), reach = where["centre"], where["radius"] * 1.15
        found = masked(ball(*size, **where), Prompts(box=(x - reach, y - reach, x + reach, y + reach)))
        assert iou(found, ball_flags(*size, **where)) > 0.98

    def test_a_rough_mask_of_it(self, size: Any, where: Any) -> None:
        rough = ball_flags(*size, centre=where["centre"], radius=int(where["radius"] * 0.7))
        found = masked(ball(*size, **where), Prompts(guidance=rough))
        assert iou(found, ball_flags(*size, **where)) > 0.98

    def test_nothing_but_the_picture(self, size: Any, where: Any) -> None:
        assert iou(masked(ball(*size, **where), Prompts()), ball_flags(*size, **where)) > 0.98

    def test_a_click_on_the_lawn_is_not_the_ball(self, size: Any, where: Any) -> None:
        found = masked(ball(*size, **where), Prompts(((5.0, 5.0),), (1,)))
        x, y = where["centre"]
        assert found[5, 5]
        assert not found[y, x]


def two_balls() -> Pixels:
    """A red ball at the left and one at the right."""
    image = ball(300, 150, centre=(75, 75), radius=40)
    image[:, 150:] = image[:, :150]
    return image


def test_of_two_alike_the_one_that_was_clicked() -> None:
    found = masked(two_balls(), Prompts(((225.0, 75.0),), (1,)))
    assert found[75, 225]
    assert not found[75, 75]


def test_both_when_both_were_clicked() -> None:
    found = masked(two_balls(), Prompts(((75.0, 75.0), (225.0, 75.0)), (1, 1)))
    assert found[75, 75]
    assert found[75, 225]


def test_a_click_outside_takes_a_part_away() -> None:
    """A box around both, and one of them is not meant."""
    box = (20.0, 20.0, 280.0, 130.0)
    both = masked(two_balls(), Prompts(box=box))
    assert both[75, 75]
    assert both[75, 225]
    one = masked(two_balls(), Prompts(((75.0, 75.0), (225.0, 75.0)), (1, 0), box))
    assert one[75, 75]
    assert not one[75, 225]


def test_nothing_outside_the_box() -> None:
    found = masked(two_balls(), Prompts(box=(20.0, 20.0, 140.0, 130.0)))
    assert iou(found[:, :150], ball_flags(150, 150, centre=(75, 75), radius=40)) > 0.95
    assert not found[:, 150:].any()


def test_letterbox_bars_are_not_the_pictures_edge() -> None:
    plain = ball(320, 180, centre=(120, 90), radius=50)
    barred = np.pad(plain, ((40, 40), (0, 0), (0, 0)), constant_values=255)
    found = masked(barred, Prompts())
    assert iou(found[40:220], ball_flags(320, 180, centre=(120, 90), radius=50)) > 0.95
    assert not found[:38].any()


def test_the_outline_follows_the_full_size_picture() -> None:
    """In a picture four times as large as the copy, the outline is hardly a pixel off."""
    where: Any = {"centre": (800, 700), "radius": 400}
    found = masked(ball(1536, 1400, **where), Prompts(((800.0, 700.0),), (1,)))
    wrong = found ^ ball_flags(1536, 1400, **where)
    border = 2 * np.pi * 400
    assert wrong.sum() / border < 1.5, "wrong pixels for each pixel of border"
    assert 1536 / grabcut.SIDE == 4


# A photo and what is asked of it, where a person would say that the thing is, and where not.
CLICKS: list[Any] = [
    (
        "objects/dog.jpg",
        Prompts(box=(0.0, 215.0, 425.0, 534.0)),
        [(170, 420), (330, 320), (60, 480)],
        [(600, 450), (550, 100), (200, 100)],
    ),
    (
        "objects/dog.jpg",
        Prompts(((170.0, 420.0),), (1,)),
        [(170, 420), (150, 480)],
        [(600, 450), (550, 100), (30, 240)],
    ),
    (
        "objects/dog.jpg",  # its white body and its dark muzzle
        Prompts(((170.0, 420.0), (400.0, 330.0)), (1, 1)),
        [(170, 420), (150, 480), (400, 330), (330, 320)],
        [(600, 450), (550, 100), (30, 240)],
    ),
    (
        "objects/truck.jpg",
        Prompts(box=(70.0, 270.0, 1720.0, 860.0)),
        [(800, 600), (500, 780), (1500, 620)],
        [(900, 1100), (1000, 100)],
    ),
    (
        "objects/truck.jpg",
        Prompts(((800.0, 600.0),), (1,)),
        [(800, 600), (1100, 620)],
        [(900, 1100), (1000, 100)],
    ),
    (
        "objects/coffee.png",
        Prompts(((300.0, 345.0),), (1,)),
        [(300, 345), (190, 300)],
        [(30, 380), (560, 30)],
    ),
    (
        "faces/astronaut.png",
        Prompts(((250.0, 400.0),), (1,)),
        [(250, 400), (150, 350)],
        [(440, 60), (60, 150)],
    ),
]


@needs_photos
@pytest.mark.weights
@pytest.mark.parametrize(("name", "prompts", "inside", "outside"), CLICKS)
def test_photos(name: str, prompts: Prompts, inside: list[Any], outside: list[Any]) -> None:
    found = masked(photo(name), prompts)
    assert all(found[y, x] for x, y in inside), [bool(found[y, x]) for x, y in inside]
    assert not any(found[y, x] for x, y in outside), [bool(found[y, x]) for x, y in outside]


@needs_photos
@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "prompts", "at_least"),
    [
        ("anime-girl-1", Prompts(), 0.85),
        ("anime-girl-1", Prompts(box=(250.0, 50.0, 600.0, 600.0)), 0.85),
        ("car-1", Prompts(((200.0, 210.0),), (1,)), 0.8),
    ],
)
def test_photos_that_birefnet_has_cut_out(name: str, prompts: Prompts, at_least: float) -> None:
    from PIL import Image

    cut_out = Image.open(PHOTOS / "cutout" / "expected" / f"{name}.birefnet-general.png")
    expected = np.asarray(cut_out.getchannel("A")) >= 128
    assert iou(masked(photo(f"cutout/{name}.jpg"), prompts), expected) >= at_least
