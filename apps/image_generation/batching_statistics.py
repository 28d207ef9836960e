"""What an operator wants to know of a model's batching. Counted by the engine, shown under
`/models/{id}/`.
"""

import threading
import time
from collections.abc import Callable
from typing import TypedDict

from core.jobs.links import Link
from core.model_manager.shelf import BATCHING_TOPIC

REPORT_SECONDS = 2.0


class Summary(TypedDict):
    """Times in seconds. `ticks` are forward passes, `requests` those in them, `mean_batch` their ratio."""

    ticks: int
    requests: int
    mean_batch: float
    largest_batch: int
    mean_forward_seconds: float


class Statistics:
    """Counts the forward passes of every model. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[str, tuple[int, int, float, int]] = {}

    def add(self, model: str, *, requests: int, seconds: float) -> None:
        """One forward pass of `model` for so many requests."""
        with self._lock:
            ticks, served, spent, largest = self._counted.get(model, (0, 0, 0.0, 0))
            self._counted[model] = (ticks + 1, served + requests, spent + seconds, max(largest, requests))

    def summary(self) -> dict[str, Summary]:
        """By model id, everything since the worker started."""
        with self._lock:
            counted = dict(self._counted)
        return {
            model: Summary(
                ticks=ticks,
                requests=served,
                mean_batch=round(served / ticks, 3),
                largest_batch=largest,
                mean_forward_seconds=round(spent / ticks, 5),
            )
            for model, (ticks, served, spent, largest) in counted.items()
        }


statistics = Statistics()


def report_to(link: Link) -> None:
    """A worker's start hook: tells the web processes every two seconds, when there is something new."""
    threading.Thread(target=_report, args=(link.report,), name="batching-report", daemon=True).start()


def _report(report: Callable[[str, dict[str, Summary]], None]) -> None:
    told: dict[str, Summary] = {}
    while True:
        time.sleep(REPORT_SECONDS)
        if (now := statistics.summary()) != told:
            report(BATCHING_TOPIC, now)
            told = now
