"""Several calls as one: whatever a call is made of, everyone gets their own part back."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from apps.image_generation.engines.batching import merging

# A value's plan, from which every call makes its own: what is drawn here is what all calls have in common.
PLAIN = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=3)
SHAPES = st.lists(st.integers(1, 3), max_size=3).map(tuple)
TENSORS = (
    st.tuples(st.just("batched"), SHAPES) | st.just(("scalar", ())) | st.tuples(st.just("shared"), SHAPES)
)
NAMES = st.sampled_from(
    ["timestep", "encoder_hidden_states", "img_ids", "scale", "added", "image_rotary_emb"]
)
PLANS = st.recursive(
    PLAIN | TENSORS.map(lambda drawn: Tensor(*drawn)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(NAMES, inner)
    ),
    max_leaves=8,
)


class Tensor:
    """A tensor in a plan: one row a sample, without dimensions, or the same for all calls."""

    def __init__(self, kind: str, shape: tuple[int, ...]) -> None:
        self.kind, self.shape = kind, shape

    def __repr__(self) -> str:
        return f"{self.kind}{self.shape}"


def made(plan: Any, *, samples: int, number: int) -> Any:
    """The plan's value in call `number`."""
    if isinstance(plan, Tensor):
        own = torch.Generator().manual_seed(number)
        common = torch.Generator().manual_seed(len(plan.shape))
        if plan.kind == "batched":
            return torch.randn(samples, *plan.shape, generator=own)
        if plan.kind == "scalar":
            return torch.randn((), generator=own)
        return torch.randn(samples + 1, *plan.shape, generator=common)  # no row a sample
    if isinstance(plan, Mapping):
        return {
            name: made(each, samples=samples, number=0 if name in merging.SHARED_ARGUMENTS else number)
            for name, each in plan.items()
        }
    if isinstance(plan, list | tuple):
        return type(plan)(made(each, samples=samples, number=number) for each in plan)
    return plan


def same_part(merged: Any, own: Any, samples: int, place: int) -> None:
    """`own`, a call's argument, is what its samples see of the merged one."""
    mine = slice(place * samples, (place + 1) * samples)
    if isinstance(own, torch.Tensor):
        if own.ndim == 0:
            assert torch.equal(merged[mine], own.expand(samples))
        elif own.shape[0] == samples:
            assert torch.equal(merged[mine], own)
        else:
            assert torch.equal(merged, own)
    elif isinstance(own, Mapping):
        assert merged.keys() == own.keys()
        for name in own:
            if name in merging.SHARED_ARGUMENTS:
                assert signature_of(merged[name], samples) == signature_of(own[name], samples)
            else:
                same_part(merged[name], own[name], samples, place)
    elif isinstance(own, list) and len(own) == samples and len(merged) != len(own):
        assert merged[mine] == own
    elif isinstance(own, list | tuple):
        assert type(merged) is type(own)
        assert len(merged) == len(own)
        for one, other in zip(merged, own, strict=True):
            same_part(one, other, samples, place)
    else:
        assert merged == own


def signature_of(value: Any, samples: int) -> Any:
    return merging.signature((), {"img_ids": value, "return_dict": False}, samples)


def call(**changes: Any) -> merging.Arguments:
    sample = torch.zeros(2, 4, 8, 8)
    return (sample, torch.tensor(7)), {
        "encoder_hidden_states": torch.zeros(2, 5, 3),
        "return_dict": False,
    } | changes


def signature(arguments: merging.Arguments) -> Any:
    args, kwargs = arguments
    return merging.signature(args, kwargs, merging.sample_count(args, kwargs) or 1)


@given(st.lists(PLANS, max_size=3), st.dictionaries(NAMES, PLANS), st.integers(1, 3), st.integers(1, 4))
def test_every_call_gets_back_what_it_gave(
    args: list[Any], kwargs: dict[str, Any], samples: int, calls: int
) -> None:
    plan = [Tensor("batched", (2,)), *args]
    sizes = [samples] * calls
    posted = [
        (
            made(tuple(plan), samples=samples, number=n),
            made(kwargs, samples=samples, number=n) | {"return_dict": False},
        )
        for n in range(calls)
    ]

    merged_args, merged_kwargs = merging.merge(posted, sizes)

    assert len({merging.signature(*each, samples) for each in posted}) == 1
    assert merging.sample_count(merged_args, merged_kwargs) == sum(sizes)
    for place, (own_args, own_kwargs) in enumerate(posted):
        same_part(merged_args, own_args, samples, place)
        same_part(merged_kwargs, own_kwargs, samples, place)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(1, 3))
def test_splitting_gives_everyone_their_own_samples(sizes: list[int], outputs: int) -> None:
    parts = [[torch.randn(size, 3) for size in sizes] for _ in range(outputs)]

    split = merging.split(tuple(torch.cat(each) for each in parts), sizes)

    assert len(split) == len(sizes)
    for place, own in enumerate(split):
        assert isinstance(own, tuple)
        assert all(torch.equal(got, parts[output][place]) for output, got in enumerate(own))


def test_equal_calls_of_other_values_may_be_merged() -> None:
    other = (
        (torch.ones(2, 4, 8, 8), torch.tensor(3)),
        {
            "return_dict": False,
            "encoder_hidden_states": torch.ones(2, 5, 3),
        },
    )
    assert signature(call()) == signature(other)


DIFFERENT: list[dict[str, Any]] = [
    {},
    {"encoder_hidden_states": torch.zeros(2, 6, 3)},
    {"encoder_hidden_states": torch.zeros(2, 5, 3, dtype=torch.bfloat16)},
    {"encoder_hidden_states": None},
    {"cross_attention_kwargs": {"scale": 0.5}},
    {"timestep_cond": None},
    {"skip_layers": [7, 8]},
    {"skip_layers": (7, 8)},
    {"flag": 1},
    {"flag": True},
    {"flag": "1"},
    {"ids": torch.zeros(5, 3)},
    {"ids": torch.zeros(5, 3, dtype=torch.int32)},
    {"ids": torch.ones(5, 3)},
    {"img_ids": torch.zeros(2, 3)},
    {"img_ids": torch.ones(2, 3)},
    {"img_ids": torch.tensor(1.0)},
    {"added": {"img_ids": torch.ones(2, 3)}},
    {"added": {"img_ids": torch.zeros(2, 3)}},
    {"added": {"ids": torch.zeros(2, 3)}},
    {"mask": np.zeros(5000)},
    {"mask": np.arange(5000) == 2500},
    {"img_shapes": [[(1, 4, 4)], [(1, 4, 4)]]},
    {"img_shapes": [[(1, 4, 8)], [(1, 4, 8)]]},
]


def test_calls_that_differ_are_never_merged() -> None:
    signatures = [signature(call(**changes)) for changes in DIFFERENT]
    alike = [
        (DIFFERENT[one], DIFFERENT[other])
        for one, other in combinations(range(len(DIFFERENT)), 2)
        if signatures[one] == signatures[other]
    ]
    assert not alike


def test_a_named_output_runs_alone() -> None:
    assert signature(call(return_dict=True)) is None
    args, kwargs = call()
    del kwargs["return_dict"]
    assert signature((args, kwargs)) is None


def test_nested_positions_are_not_repeated() -> None:
    posted = [call(added={"img_ids": torch.ones(2, 3)})] * 3
    _, kwargs = merging.merge(posted, [2, 2, 2])
    assert kwargs["added"]["img_ids"].shape == (2, 3)
    assert kwargs["encoder_hidden_states"].shape == (6, 5, 3)


def test_tensors_in_lists_are_merged_one_by_one() -> None:
    posted = [
        (((torch.full((1, 2), float(n)),)), {"extra": [[torch.full((1, 3), float(n))]]}) for n in range(2)
    ]
    _, kwargs = merging.merge(posted, [1, 1])
    assert torch.equal(kwargs["extra"][0][0], torch.tensor([[0.0] * 3, [1.0] * 3]))


@pytest.mark.parametrize(
    ("first", "cells"),
    [
        (torch.zeros(2, 4, 8, 6), 48),  # a picture's latents
        (torch.zeros(2, 4, 3, 8, 6), 144),  # a film's
        (torch.zeros(2, 20, 64), 20),  # packed into tokens
        (torch.zeros(2), 1),
        (torch.tensor(1.0), 1),
        ([torch.zeros(4, 8, 6)], 1),
        (None, 1),
    ],
    ids=lambda each: str(getattr(each, "shape", each))[:20],
)
def test_what_a_pass_costs_grows_with_the_cells_of_a_sample(first: Any, cells: int) -> None:
    assert merging.cells((first,), {}) == cells
    assert merging.cells((), {"hidden_states": first}) == cells
    assert merging.cells((), {"sample": first}) == cells
