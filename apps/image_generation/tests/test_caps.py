"""How many requests pay together: from times that are given, and from a forward pass that is measured."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.image_generation.engines.batching.caps import GAIN, LOOKS, ROUNDS, SIZES, largest_paying, measure

TIMES = st.dictionaries(st.sampled_from(SIZES[1:]), st.floats(1e-6, 10)).flatmap(
    lambda others: st.floats(1e-6, 10).map(lambda alone: {1: alone, **others})
)


class Full(Exception):
    """This test's device has no memory left."""


def is_full(error: BaseException) -> bool:
    return isinstance(error, Full)


def takes(seconds: dict[int, float], passes: list[int]) -> Callable[[int], float]:
    def seconds_of(requests: int) -> float:
        passes.append(requests)
        if requests not in seconds:
            raise Full
        return seconds[requests]

    return seconds_of


@given(TIMES)
def test_the_largest_that_pays_is_measured_and_cheaper_than_alone(seconds: dict[int, float]) -> None:
    best = largest_paying(seconds)

    assert best in seconds
    assert best == 1 or seconds[best] / best <= seconds[1] * (1 - GAIN)


@given(st.floats(1e-6, 10), st.floats(0.96, 2))
def test_a_device_that_gains_nothing_batches_nothing(alone: float, factor: float) -> None:
    assert largest_paying({size: alone * size * factor if size > 1 else alone for size in SIZES}) == 1


@given(st.floats(1e-6, 10))
def test_a_device_that_takes_as_long_for_many_batches_most(alone: float) -> None:
    assert largest_paying(dict.fromkeys(SIZES, alone)) == SIZES[-1]


@pytest.mark.parametrize(
    ("seconds", "paying"),
    [
        ({1: 1.0}, 1),
        ({1: 1.0, 2: 1.79}, 2),
        ({1: 1.0, 2: 1.82}, 1),
        ({1: 1.0, 2: 1.2, 4: 2.0, 8: 3.7}, 4),
        ({8: 4.0, 1: 1.0, 2: 1.6}, 8),
    ],
)
def test_each_must_be_ten_percent_cheaper_than_the_last_that_paid(
    seconds: dict[int, float], paying: int
) -> None:
    assert largest_paying(seconds) == paying


def test_measuring_stops_where_it_no_longer_pays() -> None:
    passes: list[int] = []

    seconds = measure(takes({1: 0.01, 2: 0.011, 4: 0.1, 8: 0.001}, passes), is_full)

    assert list(seconds) == [1, 2, 4]
    assert largest_paying(seconds) == 2
    assert passes.count(2) == LOOKS + 1 + ROUNDS  # one that does not count
    assert seconds[2] == 0.011


def test_the_sizes_take_turns_so_that_a_drifting_machine_favours_none() -> None:
    passes: list[int] = []

    measure(takes({1: 0.01, 2: 0.012, 4: 0.014}, passes), is_full)

    assert passes[-3 * ROUNDS :] == [1, 2, 4] * ROUNDS


def test_measuring_stops_where_the_memory_ends() -> None:
    passes: list[int] = []

    seconds = measure(takes({1: 0.01, 2: 0.01}, passes), is_full)

    assert list(seconds) == [1, 2]
    assert passes.count(4) == 1


def test_a_device_too_small_for_one_says_so() -> None:
    with pytest.raises(Full):
        measure(takes({}, []), is_full)


def test_another_error_is_not_taken_for_a_full_device() -> None:
    def seconds_of(requests: int) -> float:
        if requests > 1:
            raise ValueError("broken")
        return 1.0

    with pytest.raises(ValueError, match="broken"):
        measure(seconds_of, is_full)


def test_memory_that_others_take_meanwhile_only_lowers_the_measure() -> None:
    passes: list[int] = []

    def seconds_of(requests: int) -> float:
        passes.append(requests)
        if requests > 2 and len(passes) > 3 * (LOOKS + 1):
            raise Full
        return 1.0

    assert list(measure(seconds_of, is_full)) == [1, 2]
