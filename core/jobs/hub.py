"""What one web process knows while it runs: events, who waits here, what the worker reports."""

import threading
from functools import cached_property
from typing import Any
from uuid import UUID

from core.exceptions import Stopping
from core.jobs.events import EventLog
from core.jobs.identity import process_name
from core.jobs.links import Doorbell, JobEvent, Report, Silent


class Hub:
    """The one instance is `hub`. `doorbell` is silent until a server gives it somebody to ring."""

    def __init__(self) -> None:
        self.doorbell: Doorbell = Silent()
        # Whether somebody sees to it that there is one, even if it is just restarting.
        self.has_worker = False
        self.log = EventLog()
        self.stopping = False
        self._reports: dict[str, Any] = {}
        self._waiting: set[UUID] = set()
        self._answered: list[UUID] = []
        self._lock = threading.Lock()

    @cached_property
    def name(self) -> str:
        """This process, as the rows of its synchronous calls name it."""
        return process_name()

    def receive(self, message: JobEvent | Report) -> None:
        """Takes what came from a worker over the link."""
        if isinstance(message, Report):
            self._reports[message.topic] = message.data
        else:
            self.log.append(message.job_id, message.owner, message.attempt, message.name, message.data)

    def report(self, topic: str) -> Any:
        """What the worker last said about `topic`; None when it has not, or when it is gone."""
        return self._reports.get(topic)

    def worker_gone(self) -> None:
        """Forgets the reports of a worker that died."""
        self._reports.clear()

    def wait_for(self, job_id: UUID) -> None:
        with self._lock:
            self._waiting.add(job_id)

    def waited(self, job_id: UUID) -> None:
        with self._lock:
            self._waiting.discard(job_id)

    def waiting(self) -> list[UUID]:
        """The synchronous calls that clients of this process wait for."""
        with self._lock:
            return list(self._waiting)

    def note_answered(self, *job_ids: UUID) -> None:
        """Notes that synchronous calls have had their answers, and can go."""
        with self._lock:
            self._answered.extend(job_ids)

    def take_answered(self) -> list[UUID]:
        """The calls that have been answered since this was last asked."""
        with self._lock:
            answered, self._answered = self._answered, []
            return answered

    def stop(self) -> None:
        """From now on no call may begin to wait, and those who do are woken."""
        self.stopping = True
        self.log.fail_answers(Stopping(retry_after=5))


hub = Hub()
