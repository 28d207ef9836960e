"""The worker: slots that claim jobs, and one heartbeat that keeps their leases."""

import threading
from collections.abc import Mapping
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from core.jobs import leases, queue
from core.jobs.context import JobContext, Stopped
from core.jobs.execution import execute
from core.jobs.links import Link
from core.jobs.models import Job

log = structlog.get_logger(__name__)

# The doorbell wakes a slot at once; without one (or when it was missed) the slot looks by itself this often.
LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 5.0


class Worker:
    """Runs jobs until `stop()`. `slots` says how many jobs of each lane run at a time."""

    def __init__(self, *, name: str, slots: Mapping[str, int], link: Link) -> None:
        self.name = name
        self._link = link
        self._bells = {lane: threading.Event() for lane in slots}
        self._lookout = {lane: threading.Lock() for lane in slots}
        self._stopping = threading.Event()
        self._running: dict[UUID, JobContext] = {}
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"{lane}-{number}")
            for lane, count in slots.items()
            for number in range(count)
        ]
        self._heart = threading.Thread(target=self._beat, name="heartbeat")

    def start(self) -> None:
        for thread in (*self._threads, self._heart):
            thread.start()

    def ring(self, lane: str) -> None:
        """There may be work in `lane`."""
        if lane in self._bells:
            self._bells[lane].set()

    def cancel(self, job_id: UUID) -> None:
        """Stops the job before its next step, if it runs here. Its row says why."""
        with self._lock:
            context = self._running.get(job_id)
        if context is None:
            return
        try:
            self._obey(context, leases.cancel_requested(context.job))
        except DatabaseError:  # the next heartbeat will look again
            log.exception("cancel_failed", job_id=str(job_id))
        finally:
            close_old_connections()

    def stop(self) -> None:
        """Claims no more, and has every running job go back to the queue at its next step."""
        self._stopping.set()
        with self._lock:
            running = list(self._running.values())
        for context in running:
            context.stop(Stopped.SHUTDOWN)
        for bell in self._bells.values():
            bell.set()

    def join(self, timeout: float | None = None) -> None:
        """Waits until every slot has ended."""
        for thread in (*self._threads, self._heart):
            thread.join(timeout)

    def _work(self, lane: str) -> None:
        while (job := self._next(lane)) is not None:
            try:
                self._run(job)
            except Exception:
                # Most likely the database. The lease brings the job back; a slot that died would not.
                log.exception("slot_failed", lane=lane)
                close_old_connections()
        connection.close()

    def _next(self, lane: str) -> Job | None:
        """Waits for a job of `lane` and claims it; None when the worker stops.

        One free slot looks at a time, and hands over to the next when it has found something: if all of them
        answered the doorbell, they would only meet at the database's write lock.
        """
        with self._lookout[lane]:
            while not self._stopping.is_set():
                self._bells[lane].clear()
                try:
                    job = queue.claim(lane=lane, worker=self.name)
                except Exception:
                    log.exception("claim_failed", lane=lane)
                    close_old_connections()
                    job = None
                if job is not None:
                    return job
                self._bells[lane].wait(LOOK_SECONDS)
        return None

    def _run(self, job: Job) -> None:
        context = JobContext(job, self._link)
        with self._lock:
            overtaken = self._running.get(job.pk)
            self._running[job.pk] = context
        if overtaken:  # its lease ran out, while this machine slept perhaps, and this run has taken the job
            overtaken.stop(Stopped.LOST)
        try:
            # A cancel or a stop may have come between the claim and here, when nobody was listening.
            if self._stopping.is_set():
                context.stop(Stopped.SHUTDOWN)
            self._obey(context, leases.cancel_requested(job))
            execute(context)
        finally:
            with self._lock:
                if self._running.get(job.pk) is context:
                    del self._running[job.pk]

    def _beat(self) -> None:
        while not self._stopping.wait(min(HEARTBEAT_SECONDS, settings.STUDIO_JOB_LEASE / 3)):
            try:
                self._renew()
            except DatabaseError:
                log.exception("heartbeat_failed")
                close_old_connections()
        connection.close()

    def _renew(self) -> None:
        with self._lock:
            running = dict(self._running)
        held = leases.renew(worker=self.name, running=running)
        for job_id, context in running.items():
            self._obey(context, held.get(job_id))

    @staticmethod
    def _obey(context: JobContext, cancel_requested: bool | None) -> None:
        if cancel_requested is None:  # the row is gone or another worker's: nothing this run does may count
            context.stop(Stopped.LOST)
        elif cancel_requested:
            context.stop(Stopped.CANCELLED)
