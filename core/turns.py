"""Taking turns with what fills the memory when many do it at a time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

# How often who waits looks whether the result is still wanted.
WANTED_SECONDS = 0.2


class Turns:
    """Room for as many at a time as the machine has cores. Whoever comes later waits for a turn."""

    def __init__(self) -> None:
        self._room = BoundedSemaphore(os.cpu_count() or 1)

    @contextmanager
    def taken(self, check: Callable[[], None]) -> Iterator[None]:
        """A turn, for as long as the block lasts. Who waits calls `check`, which may raise to give up."""
        while not self._room.acquire(timeout=WANTED_SECONDS):
            check()
        try:
            yield
        finally:
            self._room.release()
