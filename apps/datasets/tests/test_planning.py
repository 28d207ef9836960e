"""A set is the same from the same seed, and no two of its pictures share one; noise is what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.datasets import planning
from apps.datasets.engines.noise import STRONGEST, add_noise
from core.api.fields import MAX_SEED

SEEDS = st.integers(0, MAX_SEED)
COUNTS = st.integers(1, 1000)


@given(SEEDS, COUNTS, COUNTS)
def test_seeds_are_different_repeatable_and_begin_alike(first: int, count: int, other: int) -> None:
    drawn = planning.seeds(first, count)

    assert len(set(drawn)) == len(drawn) == count
    assert all(0 <= seed <= MAX_SEED for seed in drawn)
    shared = min(count, other)
    assert planning.seeds(first, other)[:shared] == drawn[:shared]


@given(SEEDS, COUNTS, COUNTS, st.text(min_size=1, max_size=50))
def test_prompts_show_the_label_and_are_repeatable(first: int, count: int, other: int, label: str) -> None:
    drawn = planning.prompts(label, first, count)

    assert len(drawn) == count
    assert all(label in prompt for prompt in drawn)
    shared = min(count, other)
    assert planning.prompts(label, first, other)[:shared] == drawn[:shared]


def test_prompts_vary_in_the_language_of_the_label() -> None:
    english = planning.prompts("a red ball", 1, 100)
    vietnamese = planning.prompts("quả bóng đỏ", 1, 100)

    assert len(set(english)) > 60
    assert len(set(vietnamese)) > 60
    assert any("at sunset" in prompt for prompt in english)
    assert any("hoàng hôn" in prompt for prompt in vietnamese)


def test_own_prompts_are_no_templates_but_for_the_label() -> None:
    own = ["{label} {0} {label.__class__}", "plain"]

    assert planning.prompts("cup", 1, 3, own=own) == ("cup {0} {label.__class__}", "plain")
    assert planning.prompts("cup", 1, 1, own=own) == ("cup {0} {label.__class__}",)


GREY = np.full((256, 256, 3), 128, np.uint8)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.1, 0.25, 0.4])
def test_noise_has_the_deviation_that_it_says(level: float) -> None:
    difference = add_noise(GREY, level, seed=3).astype(float) - 128

    assert difference.std() == pytest.approx(level * STRONGEST, rel=0.02)
    assert abs(difference.mean()) < 0.02 * max(1.0, level * STRONGEST)
    apart = np.corrcoef(difference[..., 0].ravel(), difference[..., 1].ravel())[0, 1]
    assert abs(apart) < 0.02, "channels are independent"


def test_noise_is_clipped_repeatable_and_none_at_level_0() -> None:
    black = np.zeros((64, 64, 3), np.uint8)

    strong = add_noise(black, 1.0, seed=3)
    assert strong.dtype == np.uint8
    assert 0.4 < (strong == 0).mean() < 0.6, "half of it fell below black"
    assert (add_noise(GREY, 0.3, seed=3) == add_noise(GREY, 0.3, seed=3)).all()
    assert (add_noise(GREY, 0.3, seed=3) != add_noise(GREY, 0.3, seed=4)).any()
    assert (add_noise(GREY, 0.0, seed=3) == GREY).all()
