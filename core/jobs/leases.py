"""Who holds which job: keeping a lease, giving it back, taking it from a worker that is gone.

Every write of a worker is fenced: it names the worker and the attempt it was claimed under, so one that lost
its lease (paused, cut off, declared dead) changes nothing however late it wakes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core.exceptions import OperationFailed
from core.jobs.models import Job, Status

MAX_ATTEMPTS = 3


def held(job: Job) -> QuerySet[Job]:
    """The row of `job` while the lease it was claimed under still stands: empty afterwards."""
    return Job.objects.filter(pk=job.pk, worker=job.worker, attempt=job.attempt, status=Status.PROCESSING)


def cancel_requested(job: Job) -> bool | None:
    """Whether `job` is to be cancelled; None when the lease is lost."""
    return held(job).values_list("cancel_requested", flat=True).first()


def finish(
    job: Job, status: Status, *, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None
) -> bool:
    """Records how `job` ended. False, and nothing written, when the lease is lost."""
    return bool(held(job).update(status=status, result=result, error=error, **closing()))


def closing() -> dict[str, Any]:
    """The columns that every finished job has in common."""
    now = timezone.now()
    return {
        "completed_at": now,
        "expires_at": now + timedelta(seconds=settings.STUDIO_JOB_TTL),
        "worker": "",
        "leased_until": None,
    }


def release(job: Job) -> None:
    """Puts `job` back where it was in the queue; a worker that stops in good order costs it no attempt."""
    held(job).update(status=Status.QUEUED, worker="", leased_until=None, attempt=job.attempt - 1)


def release_all(held_by: Q) -> None:
    """`release` of all running jobs that match, for a worker that had to be killed when it was to stop."""
    running = Job.objects.filter(held_by, status=Status.PROCESSING)
    running.update(status=Status.QUEUED, worker="", leased_until=None, attempt=F("attempt") - 1)


def lease_end() -> datetime:
    """When a lease that is taken or renewed now runs out."""
    return timezone.now() + timedelta(seconds=settings.STUDIO_JOB_LEASE)


def renew(*, worker: str, running: Iterable[UUID]) -> dict[UUID, bool]:
    """Extends the leases of what `worker` is running, in one write. Gives whether each is to be cancelled.

    A job that is missing from the answer is no longer this worker's. One that the worker holds but does not
    run (its slot failed) is not renewed, so that its lease ends.
    """
    mine = Job.objects.filter(worker=worker, status=Status.PROCESSING, pk__in=list(running))
    mine.update(leased_until=lease_end())
    return dict(mine.values_list("pk", "cancel_requested"))


def reclaim(lost: Q) -> None:
    """Takes the running jobs that match `lost` from their workers.

    Each goes back to the queue; after its last attempt, or when its cancel was already asked for, it ends
    instead.
    """
    for job in Job.objects.filter(lost, status=Status.PROCESSING):
        if job.cancel_requested:
            finish(job, Status.CANCELLED)
        elif job.attempt >= MAX_ATTEMPTS:
            finish(job, Status.ERROR, error=_worker_lost(job).to_dict())
        else:
            held(job).update(status=Status.QUEUED, worker="", leased_until=None)


def reclaim_expired() -> None:
    """`reclaim` for every lease that ran out."""
    reclaim(Q(leased_until__lt=timezone.now()))


def await_answers(*, waiter: str, jobs: Iterable[UUID]) -> None:
    """Says that the web process `waiter` still waits for `jobs`, until it says so again."""
    Job.objects.filter(pk__in=list(jobs), waiter=waiter).update(awaited_until=lease_end())


def drop_abandoned(abandoned: Q) -> None:
    """Deletes the matching synchronous calls: nobody waits for them, so they are never run again."""
    Job.objects.filter(abandoned).exclude(waiter="").delete()


def drop_expired() -> None:
    """`drop_abandoned` for every call whose waiter has not been heard of in time."""
    drop_abandoned(Q(awaited_until__lt=timezone.now()))


def _worker_lost(job: Job) -> OperationFailed:
    return OperationFailed(
        f"The worker died {job.attempt} times while running this job, most likely out of memory. "
        "Ask for fewer or smaller pictures.",
        code="worker_lost",
    )
