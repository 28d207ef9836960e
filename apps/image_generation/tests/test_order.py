"""Who is served next: nobody starves, nobody is lost, nobody is mixed with what does not fit."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from apps.image_generation.engines.batching.order import GUARD_EVERY, Waiting, choose

CAPS = st.integers(1, 8)


def call(
    number: int, *, key: str = "a", share: str = "user:1", remaining: int = 5, since: int = 0
) -> Waiting:
    return Waiting(number=number, key=key, share=share, remaining=remaining, since=since)


@st.composite
def waiting(draw: st.DrawFn) -> list[Waiting]:
    rows = st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 50), st.integers(0, 9))
    drawn = draw(st.lists(rows, min_size=1, max_size=30))
    return [Waiting(number, *row) for number, row in enumerate(drawn)]


@given(waiting(), st.integers(1, 100), CAPS)
def test_a_group_is_of_one_key_within_the_cap_from_those_who_wait_once_each(
    calls: list[Waiting], tick: int, cap: int
) -> None:
    group = choose(calls, tick=tick, cap=cap)

    same = [each for each in calls if each.key == group[0].key]
    assert {each.key for each in group} == {group[0].key}
    assert len(group) == min(cap, len(same))
    assert len({each.number for each in group}) == len(group)
    assert set(group) <= set(calls)


@given(waiting(), st.integers(1, 100), CAPS)
def test_the_leader_is_the_one_that_a_cap_of_one_tells(calls: list[Waiting], tick: int, cap: int) -> None:
    assert choose(calls, tick=tick, cap=cap)[0] == choose(calls, tick=tick, cap=1)[0]


@given(waiting(), st.integers(1, 100), CAPS)
def test_the_order_of_arrival_is_all_that_the_sequence_may_say(
    calls: list[Waiting], tick: int, cap: int
) -> None:
    assert choose(calls, tick=tick, cap=cap) == choose(calls[::-1], tick=tick, cap=cap)


@given(waiting(), CAPS)
def test_every_call_is_served_once(calls: list[Waiting], cap: int) -> None:
    left, served, tick = list(calls), [], 0
    while left:
        tick += 1
        group = choose(left, tick=tick, cap=cap)
        served += group
        left = [each for each in left if each not in group]

    assert sorted(each.number for each in served) == [each.number for each in calls]
    assert tick <= len(calls)


@given(waiting(), CAPS, st.integers(1, 4))
def test_nobody_starves_while_shorter_ones_keep_arriving(calls: list[Waiting], cap: int, rate: int) -> None:
    """Newcomers with one step left, each of an owner and a key of its own, would otherwise always lead."""
    first = {each.number for each in calls}
    last_since = max(each.since for each in calls)
    left, number = list(calls), len(calls)
    for tick in range(last_since + 1, last_since + 1 + GUARD_EVERY * len(calls)):
        for _ in range(rate):
            name = str(number)
            left.append(call(number, key=name, share=name, remaining=1, since=tick))
            number += 1
        group = choose(left, tick=tick, cap=cap)
        left = [each for each in left if each not in group]

    assert not first & {each.number for each in left}


def test_fewest_remaining_steps_lead_and_every_fourth_tick_the_longest_waiting() -> None:
    long = call(0, remaining=90, since=1)
    short = call(1, remaining=2, since=7)

    led = [choose([short, long], tick=tick, cap=1)[0] for tick in range(1, 2 * GUARD_EVERY + 1)]

    assert led == [short, short, short, long] * 2


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.integers(1, 50))
def test_owners_take_turns(many: list[int], alone: int) -> None:
    """Who asks for one picture gets one of the first two places, whatever somebody else has queued."""
    calls = [call(number, share="user:1", remaining=steps) for number, steps in enumerate(many)]
    other = call(len(many), share="user:2", remaining=alone)

    group = choose([*calls, other], tick=1, cap=len(many) + 1)

    assert other in group[:2]


@given(waiting(), st.integers(2, 8))
def test_nobody_has_two_places_more_than_an_owner_who_still_waits(calls: list[Waiting], cap: int) -> None:
    calls = [Waiting(each.number, "a", each.share, each.remaining, each.since) for each in calls]

    group = choose(calls, tick=1, cap=cap)

    waits = {each.share for each in calls if each not in group}
    assert (
        max(_places(group, each.share) for each in calls)
        - min((_places(group, share) for share in waits), default=cap)
        <= 1
    )


def _places(group: Sequence[Waiting], share: str) -> int:
    return sum(each.share == share for each in group)
