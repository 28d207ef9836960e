"""Sets right what crashes leave behind, and throws away what has had its time."""

import threading
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import close_old_connections, connection
from django.db.models import Q
from django.utils import timezone

from core.api import idempotency
from core.history import services as history
from core.images import store
from core.jobs import leases
from core.jobs.discarding import discard_answered
from core.jobs.endings import ending
from core.jobs.hub import Hub
from core.jobs.identity import installation
from core.jobs.models import FINISHED, Job

log = structlog.get_logger(__name__)

TICK_SECONDS = 5.0
HOUSEKEEPING_EVERY = 12  # ticks: a minute
SWEEP_EVERY = 720  # ticks: an hour
LOST_AFTER_SECONDS = 120.0
# What a live worker says arrives within moments and in order: only a longer silence means that it never will.
UNHEARD_FOR = timedelta(seconds=10)


def recover() -> None:
    """Takes back whatever this installation's dead processes held. For the holder of the lock."""
    leases.drop_abandoned(_ours("waiter"))
    leases.reclaim(_ours("worker"))
    log.info("recovered")


def take_back_from_child(hub: Hub) -> None:
    """At once, instead of when the lease runs out: requeues what the dead worker child held."""
    leases.reclaim(_ours("worker"))
    tell_endings(hub, hub.log.unfinished())


def release_for_child() -> None:
    """Gives back what the worker child held that was killed because it took too long to stop."""
    leases.release_all(_ours("worker"))


def tick(hub: Hub) -> None:
    """Says who waits here, drops abandoned calls, takes back expired leases, ends open streams, discards
    answered calls.
    """
    leases.await_answers(waiter=hub.name, jobs=hub.waiting())
    leases.drop_expired()
    leases.reclaim_expired()
    tell_endings(hub, hub.log.unfinished(), unheard_for=UNHEARD_FOR)
    discard_answered(hub)


def tell_endings(hub: Hub, open_logs: Iterable[UUID], *, unheard_for: timedelta = timedelta(0)) -> None:
    """Ends those logs whose job has ended unheard: its worker died before it could say so."""
    ended = Job.objects.filter(status__in=FINISHED, completed_at__lte=timezone.now() - unheard_for)
    for job in ended.filter(pk__in=list(open_logs)):
        hub.log.append(job.pk, job.owner, job.attempt, *ending(job))


def forget_lost_logs(hub: Hub) -> None:
    """Drops logs whose row is gone. A log is opened a moment before its row is written, hence the age."""
    open_logs = hub.log.unfinished(older_than=LOST_AFTER_SECONDS)
    known = set(Job.objects.filter(pk__in=open_logs).values_list("pk", flat=True))
    for job_id in set(open_logs) - known:
        hub.log.forget(job_id)


def housekeep(hub: Hub) -> None:
    """Deletes expired jobs and old history, then the pictures that nothing needs, old answers and logs."""
    Job.objects.filter(status__in=FINISHED, expires_at__lt=timezone.now()).delete()
    history.purge()
    store.purge()
    idempotency.purge_idempotency_keys()
    hub.log.sweep()
    forget_lost_logs(hub)


def _ours(column: str) -> Q:
    """Rows of which `column` names a process of this installation."""
    return Q(**{f"{column}__startswith": f"{installation()}:"})


class Reaper:
    """Calls `tick` every five seconds and `housekeep` at once and every minute, in a thread of its own."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reaper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        ticks = 0
        while not self._stopping.wait(TICK_SECONDS):
            try:
                tick(self._hub)
                if ticks % HOUSEKEEPING_EVERY == 0:
                    housekeep(self._hub)
                if ticks % SWEEP_EVERY == 0:
                    store.sweep_orphans()
                    idempotency.sweep_orphans()
            except Exception:
                # A database or a storage that is away for a while must not end the housekeeping for good.
                log.exception("reaper_failed")
                close_old_connections()
            ticks += 1
        self._discard_the_last()
        connection.close()

    def _discard_the_last(self) -> None:
        try:
            discard_answered(self._hub)
        except Exception:  # the next server drops what this one leaves
            log.exception("reaper_failed")
