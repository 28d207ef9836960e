"""Which of the waiting calls the device serves next. Pure: knows neither torch nor threads.

Shortest remaining steps first keeps short requests short; every fourth tick the call that has waited longest
leads instead, so that nobody starves. Owners take turns: each owner's best call stands before any owner's
second best.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

# Every so many ticks the longest waiting call leads, however many steps it has left.
GUARD_EVERY = 4


@dataclass(frozen=True)
class Waiting:
    """One call that waits. `number` grows with arrival; `since` is the tick at which its request was last
    served.

    Calls with equal `key` can share one forward pass. `remaining` counts the steps its request still has to
    do.
    """

    number: int
    key: Hashable
    share: str
    remaining: int
    since: int


def choose(waiting: Sequence[Waiting], *, tick: int, cap: int) -> list[Waiting]:
    """The calls for one forward pass: at most `cap`, all of one key, the leader first. `waiting` is not
    empty.
    """
    order = _in_turns(waiting)
    leader = order[0]
    if tick % GUARD_EVERY == 0:
        leader = min(waiting, key=lambda call: (call.since, call.number))
    companions = [call for call in order if call.key == leader.key and call is not leader]
    return [leader, *companions[: max(0, cap - 1)]]


def _in_turns(waiting: Sequence[Waiting]) -> list[Waiting]:
    by_share: dict[str, list[Waiting]] = defaultdict(list)
    for call in sorted(waiting, key=lambda call: (call.remaining, call.number)):
        by_share[call.share].append(call)
    ranked = [(rank, call) for calls in by_share.values() for rank, call in enumerate(calls)]
    return [call for _, call in sorted(ranked, key=lambda each: (each[0], each[1].remaining, each[1].number))]
