"""Pixels and fractions: which is which, and what lies outside."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.smart_mask.coordinates import are_fractions, box_in, points_in
from core.exceptions import InvalidInput

SIZE = {"width": 200, "height": 100}


@pytest.mark.parametrize(
    ("numbers", "fractions"),
    [
        ([0.25, 0.5], True),
        ([0, 0, 0.5, 1], True),
        ([0.0, 1.0], True),
        ([0, 0, 1, 1], False),
        ([1, 1], False),
        ([0.5, 0.5, 120, 80], False),
        ([0.5, 1.5], False),
        ([-0.1, 0.5], False),
        ([], False),
    ],
)
def test_the_rule(numbers: list[Any], fractions: bool) -> None:
    assert are_fractions(numbers) is fractions


def test_fractions_of_the_sides() -> None:
    assert points_in([[0.25, 0.5]], units="auto", **SIZE) == ((50.0, 50.0),)
    assert box_in([0.25, 0.1, 0.75, 1], units="auto", **SIZE) == (50.0, 10.0, 150.0, 100.0)


def test_units_overrule_the_rule() -> None:
    """JavaScript writes 1.0 as 1."""
    assert box_in([0, 0, 1, 1], units="fractions", **SIZE) == (0.0, 0.0, 200.0, 100.0)
    assert box_in([0.0, 0.0, 1.0, 1.0], units="pixels", **SIZE) == (0.0, 0.0, 1.0, 1.0)
    assert points_in([[1, 1]], units="fractions", **SIZE) == ((199.0, 99.0),)


def test_the_far_edge_is_the_last_pixel() -> None:
    assert points_in([[200, 100]], units="auto", **SIZE) == ((199.0, 99.0),)
    assert points_in([[1.0, 1.0]], units="auto", **SIZE) == ((199.0, 99.0),)


def test_a_box_is_clipped_to_the_picture() -> None:
    assert box_in([-50, -50, 900, 40], units="auto", **SIZE) == (0.0, 0.0, 200.0, 40.0)


@pytest.mark.parametrize("point", [[201, 5], [5, 101], [-1, 5], [5, -0.5], [1e6, 1e6]])
def test_a_point_outside_is_named(point: list[float]) -> None:
    with pytest.raises(InvalidInput, match=r"Point 2 .* outside the picture of 200 x 100") as refused:
        points_in([[5, 5], point], units="auto", **SIZE)
    assert set(refused.value.errors or {}) == {"points"}


@pytest.mark.parametrize("bbox", [[200, 0, 300, 50], [0, 100, 50, 120], [-50, 0, 0, 50], [0, -9, 50, 0]])
def test_a_box_outside(bbox: list[float]) -> None:
    with pytest.raises(InvalidInput, match="outside the picture"):
        box_in(bbox, units="auto", **SIZE)


@pytest.mark.parametrize("bbox", [[50, 50, 50, 90], [50, 50, 90, 50], [120, 60, 30, 30], [5, 5, 5, 5]])
def test_an_empty_or_backward_box(bbox: list[float]) -> None:
    with pytest.raises(InvalidInput, match=r"x0 < x1"):
        box_in(bbox, units="auto", **SIZE)


number = st.one_of(st.integers(-300, 300), st.floats(-300, 300, allow_nan=False), st.floats(0, 1))


@given(st.lists(number, min_size=4, max_size=4), st.sampled_from(["auto", "pixels", "fractions"]))
def test_a_box_is_inside_or_refused(bbox: list[Any], units: Any) -> None:
    try:
        x0, y0, x1, y1 = box_in(bbox, units=units, **SIZE)
    except InvalidInput:
        return
    assert 0 <= x0 < x1 <= 200
    assert 0 <= y0 < y1 <= 100


@given(st.lists(st.tuples(number, number), max_size=4), st.sampled_from(["auto", "pixels", "fractions"]))
def test_points_are_inside_or_refused(points: list[Any], units: Any) -> None:
    try:
        found = points_in(points, units=units, **SIZE)
    except InvalidInput:
        return
    assert len(found) == len(points)
    assert all(0 <= x <= 199 and 0 <= y <= 99 for x, y in found)
