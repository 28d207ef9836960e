"""Work that may wait for those who paint, and still gets on: a training's steps.

While anybody paints it gets one part of the device's time and they get `FOREGROUND_PARTS`; otherwise it gets
all of it. Not locked: the engine's own lock guards it.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

FOREGROUND_PARTS = 3

_T = TypeVar("_T")


class Background:
    """A queue of pieces of work, and when the next one may go before those who paint."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._due = 0.0  # monotonic seconds

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, work: Callable[[], _T]) -> "Future[_T]":
        """Resolves with what `work()` gives, or fails as it does."""
        result: Future[_T] = Future()
        self._waiting.append((work, result))
        return result

    def may_run(self, *, painting: bool) -> bool:
        """Whether there is a piece, and its turn has come."""
        return bool(self._waiting) and (not painting or self.seconds_left() == 0.0)

    def seconds_left(self) -> float | None:
        """Until the next piece may go first, whoever paints; None when there is none."""
        return max(0.0, self._due - time.monotonic()) if self._waiting else None

    def take(self) -> Callable[[], None]:
        """The next piece, to be run without the lock; it settles its own result."""
        work, result = self._waiting.popleft()

        def run() -> None:
            started = time.monotonic()
            settle(result, work)
            ended = time.monotonic()
            self._due = ended + FOREGROUND_PARTS * (ended - started)

        return run


def settle(result: "Future[Any]", errand: Callable[[], Any]) -> None:
    """Has `result` say what `errand()` gives or raises."""
    try:
        result.set_result(errand())
    except Exception as error:
        result.set_exception(error)
    finally:
        # An error knows this frame, which would know it by its result: its tensors would stay for long.
        del result, errand
