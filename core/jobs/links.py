"""What web process and worker say to each other, whatever carries it.

Two small interfaces: the web process rings a `Doorbell`, the worker speaks into a `Link`. Neither carries a
job: the row does. A lost message costs a moment (the worker also looks by itself), never a job.
"""

from typing import Any, Protocol
from uuid import UUID

import msgspec


class Ring(msgspec.Struct, frozen=True, tag="ring"):
    """There is work in `lane`."""

    lane: str


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """The job's cancel flag is set, or its row is gone: look now instead of at the next heartbeat."""

    job_id: UUID


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Give back what you hold and exit."""


class JobEvent(msgspec.Struct, frozen=True, tag="event"):
    """Something happened to a job: `data` holds what changed."""

    job_id: UUID
    owner: str
    attempt: int
    name: str
    data: dict[str, Any]


class Report(msgspec.Struct, frozen=True, tag="report"):
    """The worker's state under `topic`, e.g. which models are loaded. Replaces the last one."""

    topic: str
    data: Any


class Doorbell(Protocol):
    """How a web process wakes the workers."""

    def ring(self, lane: str) -> None:
        """A job was queued in `lane`."""

    def cancel(self, job_id: UUID) -> None:
        """A running job is to stop before its next step."""


class Link(Protocol):
    """How a worker tells the web processes what happens."""

    def event(self, event: JobEvent) -> None:
        """Shows `event` to whoever watches the job."""

    def report(self, topic: str, data: Any) -> None:
        """Publishes the worker's state under `topic`; `data` is plain JSON."""


class Silent:
    """Doorbell and link with nobody at the other end: the worker finds the row, the web process reads it."""

    def ring(self, lane: str) -> None:
        pass

    def cancel(self, job_id: UUID) -> None:
        pass

    def event(self, event: JobEvent) -> None:
        pass

    def report(self, topic: str, data: Any) -> None:
        pass
