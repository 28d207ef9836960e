"""What every engine does alike, with real pixels. Real models where they are, made ones otherwise."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from apps.face_swap.engines.blending import Blending
from apps.face_swap.engines.haar import Haar
from apps.face_swap.engines.inswapper import InSwapper
from apps.face_swap.engines.yunet import YuNet
from apps.face_swap.faces import Pixels, Swapper
from apps.face_swap.tests import fabricated
from apps.face_swap.tests.pictures import (
    YUNET,
    astronaut,
    changes,
    needs_weights,
    nobody,
    outside,
    stranger,
    two_faces,
)


@dataclass(frozen=True)
class Case:
    """An engine, and pictures in which it has something to find: two of one face, one of two."""

    make: Callable[[Path], Swapper]
    source: Callable[[], Pixels]
    target: Callable[[], Pixels]
    face: tuple[int, int, int, int]  # of the target, generously
    two: Callable[[], Pixels]
    two_at: tuple[tuple[int, int], tuple[int, int]]  # the larger first, or the left one of equals


def _fabricated(root: Path) -> Swapper:
    return InSwapper(fabricated.folder(root), name="inswapper-128")


PORTRAITS = (astronaut, stranger, (165, 60, 285, 190), two_faces, ((480, 120), (112, 60)))
SQUARES = (
    lambda: fabricated.picture((320, 320), background=200),
    lambda: fabricated.picture((256, 320)),
    (200, 270, 312, 380),
    lambda: fabricated.picture((160, 320), (480, 320)),
    ((160, 320), (480, 320)),
)
CASES = [
    pytest.param(Case(lambda root: Blending(Haar()), *PORTRAITS), id="haar"),
    pytest.param(
        Case(lambda root: Blending(YuNet(YUNET)), *PORTRAITS),
        id="yunet",
        marks=[pytest.mark.weights, needs_weights],
    ),
    pytest.param(Case(_fabricated, *SQUARES), id="inswapper"),
]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def engine(case: Case, tmp_path: Path) -> Swapper:
    return case.make(tmp_path / "model")


def swapped(engine: Swapper, source: Pixels, target: Pixels, blend: float = 1.0) -> Pixels:
    canvas = target.copy()
    engine.swap(source, engine.find(source)[0], canvas, engine.find(target)[0], blend=blend)
    return canvas


def test_it_finds_the_one_face_where_it_is(case: Case, engine: Swapper) -> None:
    [face] = engine.find(case.target())
    left, top, right, bottom = case.face
    assert left < face.box[0] < face.box[2] < right
    assert top - 20 < face.box[1] < face.box[3] < bottom + 20
    assert 0 < face.score <= 1
    eyes, nose, mouth = face.landmarks[:2], face.landmarks[2], face.landmarks[3:]
    assert eyes[0, 0] < nose[0] < eyes[1, 0]
    assert mouth[0, 0] < nose[0] < mouth[1, 0]
    assert eyes[:, 1].max() < nose[1] < mouth[:, 1].min()


def test_the_largest_face_comes_first_and_of_equals_the_left_one(case: Case, engine: Swapper) -> None:
    faces = engine.find(case.two())
    middles = [((face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2) for face in faces]
    assert np.abs(np.array(middles) - case.two_at).max() < 20


@pytest.mark.parametrize("size", [(256, 256), (1, 1), (2, 3), (31, 700), (3, 3000), (3000, 3)])
def test_it_finds_nobody_where_nobody_is(engine: Swapper, size: tuple[int, int]) -> None:
    assert engine.find(np.resize(nobody(), (*size, 3))) == []
    assert engine.find(np.full((*size, 3), 127, np.uint8)) == []


def test_the_face_changes_and_nothing_else(case: Case, engine: Swapper) -> None:
    target = case.target()
    changed = changes(target, swapped(engine, case.source(), target))
    assert outside(changed, case.face) == 0
    left, top, right, bottom = case.face
    assert changed.sum() > 0.25 * (right - left) * (bottom - top)
    x, y = engine.find(target)[0].landmarks[2].astype(int)
    assert changed[y - 5 : y + 5, x - 5 : x + 5].all()


def test_no_edge_is_left(case: Case, engine: Swapper) -> None:
    """The change sets in softly: from one pixel to the next, it grows by a few levels at most."""
    target = case.target()
    change = swapped(engine, case.source(), target).astype(float) - target
    changed = np.abs(change).max(axis=-1) > 0
    rim = changed & ~_eroded(changed)
    assert np.abs(change[rim]).max() <= 12


def test_the_source_is_what_is_seen(case: Case, engine: Swapper) -> None:
    """Two sources make two pictures, and a face put onto itself stays what it was, nearly."""
    target = case.target()
    other = swapped(engine, case.source(), target)
    assert np.abs(other.astype(int) - swapped(engine, target, target)).max() > 10


def test_blend_is_how_far_each_pixel_goes(case: Case, engine: Swapper) -> None:
    source, target = case.source(), case.target()
    none, half, all_ = (swapped(engine, source, target, blend).astype(int) for blend in (0.0, 0.5, 1.0))
    assert (none == target).all()
    assert np.abs(half - (target + all_) / 2).max() <= 1


def test_one_of_two_faces_changes(case: Case, engine: Swapper) -> None:
    target, source = case.two(), case.source()
    canvas = target.copy()
    largest, other = engine.find(target)
    engine.swap(source, engine.find(source)[0], canvas, other, blend=1.0)
    middle = int((largest.box[0] + other.box[0]) / 2 + 40)
    changed = changes(target, canvas)
    on_the_left = other.box[0] < largest.box[0]
    assert changed[:, :middle].any() == on_the_left
    assert changed[:, middle:].any() != on_the_left


def test_a_face_that_the_picture_cuts_off(case: Case, engine: Swapper) -> None:
    target = case.target()
    [face] = engine.find(target)
    cut = int(face.landmarks[2, 0])  # through the nose
    canvas = target[:, :cut].copy()
    engine.swap(case.source(), engine.find(case.source())[0], canvas, face, blend=1.0)
    assert changes(target[:, :cut], canvas).any()


def test_the_same_twice_is_the_same(case: Case, engine: Swapper) -> None:
    source, target = case.source(), case.target()
    assert (swapped(engine, source, target) == swapped(engine, source, target)).all()


def test_threads_may_share_it(case: Case, engine: Swapper) -> None:
    source, target = case.source(), case.target()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: swapped(engine, source, target), range(8)))
    alone = swapped(engine, source, target)
    assert all((each == alone).all() for each in made)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2, 3000)])
def test_a_picture_of_any_shape_has_no_face_and_does_no_harm(engine: Swapper, shape: tuple[int, int]) -> None:
    assert engine.find(np.full((*shape, 3), 200, np.uint8)) == []


def _eroded(
    mask: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]",
) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    inner = mask.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            inner &= np.roll(mask, step, axis=axis)
    return inner
