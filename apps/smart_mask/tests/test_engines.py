"""What every engine promises, whatever it is made of."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from apps.smart_mask.segmenting import Embedding, OnStep, Pixels, Prompts, Segmenter
from apps.smart_mask.tests.conftest import ENGINES, MakeEngine
from apps.smart_mask.tests.pictures import ball, ball_flags
from core.exceptions import Cancelled

SHAPES = [(160, 120), (97, 161), (400, 8), (3, 200), (2, 2), (1, 1)]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, make_engine: MakeEngine) -> Segmenter:
    return make_engine(request.param)


def nothing(step: int, steps: int) -> None:
    """For who does not follow."""


def encoded(engine: Segmenter, image: Pixels, on_step: OnStep = nothing) -> Embedding:
    return engine.encode(image, on_step=on_step)


def prompts_of(width: int, height: int) -> dict[str, Prompts]:
    """One of each kind and every two of them together, for a picture of any size."""
    middle, corner = (width / 2, height / 2), (0.0, 0.0)
    box = (0.0, 0.0, max(1.0, width * 0.75), max(1.0, height * 0.75))
    rough = np.zeros((height, width), bool)
    rough[: max(1, height // 2), : max(1, width // 2)] = True
    return {
        "nothing": Prompts(),
        "a click": Prompts((middle,), (1,)),
        "two clicks": Prompts((middle, (width - 1.0, height - 1.0)), (1, 1)),
        "inside and outside": Prompts((middle, corner), (1, 0)),
        "a box": Prompts(box=box),
        "a rough mask": Prompts(guidance=rough),
        "click and box": Prompts((corner,), (1,), box),
        "box and not here": Prompts((corner,), (0,), box),
        "click and rough mask": Prompts((corner,), (1,), guidance=rough),
        "box and rough mask": Prompts(box=box, guidance=rough),
        "all of them": Prompts((corner, middle), (1, 0), box, rough),
    }


@pytest.mark.parametrize(("width", "height"), SHAPES)
def test_every_kind_of_prompt_on_every_shape(engine: Segmenter, width: int, height: int) -> None:
    embedding = encoded(
        engine, ball(width, height, centre=(width // 2, height // 2), radius=min(width, height) // 4)
    )
    for name, prompts in prompts_of(width, height).items():
        segmented = engine.segment(embedding, prompts)
        assert segmented.mask.shape == (height, width), name
        assert segmented.mask.dtype == np.float32, name
        assert np.isfinite(segmented.mask).all(), name
        assert segmented.mask.min() >= 0, name
        assert segmented.mask.max() <= 1, name
        assert 0 <= segmented.score <= 1, name


def test_an_embedding_knows_its_size_and_weight(engine: Segmenter) -> None:
    embedding = encoded(engine, ball(160, 120))
    assert (embedding.width, embedding.height) == (160, 120)
    assert embedding.nbytes == sum(np.asarray(part).nbytes for part in embedding.parts) > 0


def test_the_same_click_gives_the_same_mask(engine: Segmenter) -> None:
    """On the same embedding, on another of the same picture, and side by side with other clicks."""
    image = ball()
    embedding = encoded(engine, image)
    asked = list(prompts_of(160, 120).values())
    once = [engine.segment(embedding, prompts) for prompts in asked]
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda prompts: engine.segment(encoded(engine, image), prompts), asked))
    for first, second in zip(once, again, strict=True):
        # Matrix kernels may take another path for memory that is aligned differently.
        np.testing.assert_allclose(first.mask, second.mask, atol=1e-4)
        assert first.score == pytest.approx(second.score, abs=1e-4)


def test_the_picture_is_left_as_it_was(engine: Segmenter) -> None:
    image = ball()
    before = image.copy()
    engine.segment(encoded(engine, image), Prompts(((60.0, 50.0),), (1,), guidance=ball_flags()))
    assert np.array_equal(image, before)


def test_a_prompt_matters(engine: Segmenter) -> None:
    """Two clicks in opposite corners mean two things."""
    embedding = encoded(engine, ball(160, 120, centre=(40, 40), radius=25))
    one = engine.segment(embedding, Prompts(((40.0, 40.0),), (1,)))
    other = engine.segment(embedding, Prompts(((150.0, 110.0),), (1,)))
    assert not np.array_equal(one.mask, other.mask)


def test_a_picture_of_one_colour_is_no_trouble(engine: Segmenter) -> None:
    flat = np.full((50, 70, 3), 127, np.uint8)
    for prompts in prompts_of(70, 50).values():
        assert engine.segment(encoded(engine, flat), prompts).mask.shape == (50, 70)


def test_steps_are_told_and_may_end_it(engine: Segmenter) -> None:
    told: list[tuple[int, int]] = []
    encoded(engine, ball(), lambda step, steps: told.append((step, steps)))
    assert told
    assert all(0 <= step <= steps for step, steps in told)
    assert told == sorted(told)

    def stop(step: int, steps: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        encoded(engine, ball(), stop)
    assert encoded(engine, ball()).nbytes > 0, "it goes on working"
