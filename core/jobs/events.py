"""The event log of one web process: every event of every job, kept until ten minutes after its end.

Events arrive on one thread (the link's reader), are read from many event loops and threads, and are guarded
by one lock that is never held while anything waits. The log holds no pictures: an `image` event names a
stored image.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from core.exceptions import StudioError

TERMINAL = frozenset({"done", "error", "cancelled"})
RETENTION_SECONDS = 600.0
# Behind by more than this, a subscriber gets only the newest of the progress and preview events it missed.
SLOW_BACKLOG = 256


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is opaque to clients and grows; "" on a snapshot, which is no place in the log."""

    id: str
    name: str
    job_id: UUID
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Reader:
    loop: asyncio.AbstractEventLoop
    wake: asyncio.Event

    def notify(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self.wake.set)
        except RuntimeError:  # its loop has closed: it no longer reads
            return


@dataclass
class _JobLog:
    job_id: UUID
    owner: str
    complete: bool  # holds everything since `accepted`
    state: dict[str, Any]
    images: dict[int, dict[str, Any]] = field(default_factory=dict)
    events: list[Event | None] = field(default_factory=list)  # None: a preview that a newer one replaced
    places: dict[str, int] = field(default_factory=dict)  # id -> where to read on behind it
    previews: dict[int, int] = field(default_factory=dict)  # image index -> position of its last preview
    readers: set[_Reader] = field(default_factory=set)
    answers: list["Future[Event]"] = field(default_factory=list)
    listed: bool = True  # among its owner's jobs; a synchronous call is not
    opened_at: float = field(default_factory=time.monotonic)
    ended_at: float | None = None
    ending: Event | None = None


class EventLog:
    """See the module. Times are seconds of `time.monotonic()`."""

    def __init__(self) -> None:
        # Told of every job that ends: what it was ("" where the log began in the middle), and its last event.
        self.on_end: Callable[[str, Event], None] = lambda operation, ending: None
        self._lock = threading.Lock()
        # Part of every id: after a restart the same attempt may begin again, with other events.
        self._life = uuid4().hex[:6]
        self._logs: dict[UUID, _JobLog] = {}
        self._forgotten: dict[UUID, float] = {}  # since when: what a worker still says of them is dropped
        self._watchers: set[tuple[str, _Reader]] = set()

    def open(
        self, job_id: UUID, owner: str, state: dict[str, Any], *, complete: bool, listed: bool = True
    ) -> None:
        """Begins the log of a job, unless it has one. `state` is what every event repeats."""
        with self._lock:
            self._open(job_id, owner, state, complete).listed = listed

    def append(self, job_id: UUID, owner: str, attempt: int, name: str, data: dict[str, Any]) -> None:
        """Adds an event and wakes whoever reads. Events after the end are dropped: a job ends once."""
        with self._lock:
            if job_id in self._forgotten:
                return
            log = self._logs.get(job_id) or self._open(job_id, owner, {}, False)
            if log.ended_at is not None:
                return
            event = _record(log, f"{attempt}.{len(log.events) + 1}.{self._life}", name, data)
            ended = name in TERMINAL
            if ended:
                log.ended_at, log.ending = time.monotonic(), event
                answers, log.answers = log.answers, []
            else:
                answers = []
            readers = [
                *log.readers,
                *(reader for who, reader in self._watchers if log.listed and who == log.owner),
            ]
        for answer in answers:
            if answer.set_running_or_notify_cancel():
                answer.set_result(event)
        for reader in readers:
            reader.notify()
        if ended:
            self.on_end(_operation(log), event)

    def state(self, job_id: UUID) -> dict[str, Any] | None:
        """What the last event said of the job (status, progress, ...), and of its `images` by index."""
        with self._lock:
            if (log := self._logs.get(job_id)) is None:
                return None
            return {**log.state, "images": {index: dict(image) for index, image in log.images.items()}}

    def answer(self, job_id: UUID) -> "Future[Event]":
        """Resolves with the job's last event, or fails when the server stops. The log must be open."""
        answer: Future[Event] = Future()
        with self._lock:
            log = self._logs[job_id]
            if log.ending is None:
                log.answers.append(answer)
            else:  # the worker was quicker than the caller
                answer.set_result(log.ending)
        return answer

    def unfinished(self, *, older_than: float = 0.0) -> list[UUID]:
        """Jobs whose log has no end yet, and was opened more than `older_than` seconds ago."""
        newest = time.monotonic() - older_than
        with self._lock:
            return [
                key for key, log in self._logs.items() if log.ended_at is None and log.opened_at <= newest
            ]

    def forget(self, job_id: UUID) -> None:
        """Drops the log of a job whose row is gone."""
        with self._lock:
            log = self._logs.pop(job_id, None)
            self._forgotten[job_id] = time.monotonic()
        for reader in log.readers if log else ():
            reader.notify()

    def sweep(self) -> None:
        """Drops the logs that ended more than ten minutes ago."""
        oldest = time.monotonic() - RETENTION_SECONDS
        with self._lock:
            old = [key for key, log in self._logs.items() if (log.ended_at or oldest) < oldest]
            self._forgotten = {key: since for key, since in self._forgotten.items() if since >= oldest}
        for job_id in old:
            self.forget(job_id)

    def fail_answers(self, error: StudioError) -> None:
        """Wakes everybody who waits for an answer with `error`."""
        with self._lock:
            answers = [answer for log in self._logs.values() for answer in log.answers]
            for log in self._logs.values():
                log.answers = []
        for answer in answers:
            if answer.set_running_or_notify_cancel():
                answer.set_exception(error)

    async def follow(self, job_id: UUID, after: str | None, keepalive: float) -> AsyncIterator[Event | None]:
        """The job's events from the first, or from the one behind `after`, as they come, up to its end.

        An id that this log does not know (the server was restarted) gets a `snapshot` instead of the past.
        None after every `keepalive` seconds of silence. Ends at once when the job has no log.
        """
        reader = _Reader(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            log = self._logs.get(job_id)
            if log is None:
                return
            position = _position_after(log, after)
            snapshot = None if position is not None else _snapshot(log)
            if position is None:  # the snapshot stands for the past, but the end is always told
                position = len(log.events) - (log.ended_at is not None)
            log.readers.add(reader)
        caught_up = False
        try:
            if snapshot:
                yield snapshot
            while True:
                with self._lock:
                    events, ended = log.events[position:], log.ended_at is not None
                    gone = self._logs.get(job_id) is not log
                position += len(events)
                for event in _coalesced(events) if caught_up else events:
                    if event is not None:
                        yield event
                if ended or gone:
                    return
                caught_up = True
                if not await _woken(reader, keepalive):
                    yield None
        finally:
            with self._lock:
                log.readers.discard(reader)

    async def watch(self, owner: str) -> AsyncIterator[Event]:
        """Every event of every job of `owner` from now on; first a snapshot of each that is under way."""
        reader = _Reader(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._watchers.add((owner, reader))
            logs = self._listed(owner)
            positions = {log.job_id: len(log.events) for log in logs}
            events: list[Event | None] = [_snapshot(log) for log in logs if log.ended_at is None]
        try:
            while True:
                for event in events:
                    if event is not None:
                        yield event
                await _woken(reader, None)
                with self._lock:
                    logs = self._listed(owner)
                    fresh = [(log, positions.get(log.job_id, 0)) for log in logs]
                    events = [event for log, start in fresh for event in _coalesced(log.events[start:])]
                    positions = {log.job_id: len(log.events) for log in logs}
        finally:
            with self._lock:
                self._watchers.discard((owner, reader))

    def _listed(self, owner: str) -> list[_JobLog]:
        return [log for log in self._logs.values() if log.listed and log.owner == owner]

    def _open(self, job_id: UUID, owner: str, state: dict[str, Any], complete: bool) -> _JobLog:
        fresh = {
            "status": "processing",
            "progress": 0.0,
            "current_step": 0,
            "total_steps": 0,
            "loading_message": "",
        }
        self._forgotten.pop(job_id, None)
        return self._logs.setdefault(job_id, _JobLog(job_id, owner, complete, fresh | state))


def _record(log: _JobLog, identity: str, name: str, data: dict[str, Any]) -> Event:
    position = len(log.events)
    log.state.update({key: value for key, value in data.items() if key in log.state})
    index = data.get("index")
    if index is not None:
        known = {key: data[key] for key in ("seed", "image_id") if key in data}
        log.images[index] = log.images.get(index, {}) | known | _picture_state(name, data)
    said = {"task_id": str(log.job_id), **log.state, **data}
    event = Event(identity, name, log.job_id, said)
    log.events.append(event)
    log.places[identity] = len(log.events)
    if name == "preview" and index is not None:
        replaced = log.previews.get(index)
        if replaced is not None:
            log.events[replaced] = None
        log.previews[index] = position
    return event


def _operation(log: _JobLog) -> str:
    first = log.events[0]
    return str(first.data.get("kind", "")) if first and first.name == "accepted" else ""


def _picture_state(name: str, data: dict[str, Any]) -> dict[str, Any]:
    if name == "image":
        return {"status": "done", "progress": 1.0}
    return {
        "status": "processing",
        **({"progress": data["image_progress"]} if "image_progress" in data else {}),
    }


def _position_after(log: _JobLog, after: str | None) -> int | None:
    """Where to read on; None when the past asked for is not in this log."""
    if not after:
        return 0 if log.complete else None
    return log.places.get(after)


def _snapshot(log: _JobLog) -> Event:
    images = [{"index": index, **image} for index, image in sorted(log.images.items())]
    return Event("", "snapshot", log.job_id, {"task_id": str(log.job_id), **log.state, "images": images})


def _coalesced(events: list[Event | None]) -> list[Event | None]:
    """All of `events`; of a backlog that grew too long only the last of the progress and preview events."""
    if len(events) <= SLOW_BACKLOG:
        return events
    last = {event.name: event for event in events if event is not None}
    stale = {"progress", "preview"}
    return [event for event in events if event and (event.name not in stale or last[event.name] is event)]


async def _woken(reader: _Reader, seconds: float | None) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await reader.wake.wait()
    except TimeoutError:
        return False
    reader.wake.clear()
    return True
