"""Who waits for a turn gets one, or gives up."""

import os
import threading
from contextlib import ExitStack

import pytest

from core.turns import Turns


class GivenUp(Exception):
    pass


def give_up() -> None:
    raise GivenUp


def test_as_many_as_there_are_cores_and_the_next_may_give_up() -> None:
    turns = Turns()
    with ExitStack() as others:
        for _ in range(os.cpu_count() or 1):
            others.enter_context(turns.taken(give_up))
        with pytest.raises(GivenUp), turns.taken(give_up):
            pass
    with turns.taken(give_up):
        pass


def test_a_turn_that_ends_is_the_next_ones() -> None:
    turns, others = Turns(), ExitStack()
    for _ in range(os.cpu_count() or 1):
        others.enter_context(turns.taken(give_up))
    threading.Timer(0.3, others.close).start()

    with turns.taken(lambda: None):
        pass
