"""The fair queue: where a new job is put, and which job a free slot takes.

Within a lane the order is priority, then `turn`, then age. Among jobs of one priority a job's turn is one
more than the last turn its share still has unfinished, but never less than the turn now being served: so
shares alternate job by job however many each has queued, and a newcomer starts at the present round instead
of behind everybody's backlog (start-time fair queuing, Goyal et al. 1996, with every job of cost one).
"""

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from core.exceptions import QueueFull, QuotaExceeded
from core.jobs import leases
from core.jobs.models import UNFINISHED, Job, Status


def check_room(*, share: str) -> None:
    """Raises QuotaExceeded when `share` has too many unfinished jobs, QueueFull when all have.

    For use in the transaction that then adds the job.
    """
    if connection.vendor == "postgresql":  # else two that count at the same time would both find room
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('studio.queue'))")
    waiting = Job.objects.filter(status__in=UNFINISHED)
    if waiting.filter(share=share).count() >= settings.STUDIO_MAX_PENDING_PER_OWNER:
        raise QuotaExceeded(
            f"You have {settings.STUDIO_MAX_PENDING_PER_OWNER} unfinished jobs, which is the limit. "
            "Try again when some have finished.",
            code="too_many_jobs",
            retry_after=5,
        )
    if waiting.count() >= settings.STUDIO_MAX_QUEUE:
        raise QueueFull(retry_after=10)


def next_turn(*, lane: str, share: str, priority: int = 0) -> int:
    """The turn for a new job of `share` in `lane`."""
    unfinished = Job.objects.filter(lane=lane, priority=priority, status__in=UNFINISHED)
    turns = unfinished.aggregate(
        waiting=Min("turn", filter=Q(status=Status.QUEUED)),
        running=Max("turn", filter=Q(status=Status.PROCESSING)),
        own=Max("turn", filter=Q(share=share)),
    )
    now_serving: int = next((turns[key] for key in ("waiting", "running") if turns[key] is not None), 0)
    return now_serving if turns["own"] is None else max(now_serving, turns["own"] + 1)


def position(job: Job) -> int | None:
    """The place of a queued `job` in its lane, 1 for the next to be claimed; None for any other."""
    if job.status != Status.QUEUED:
        return None
    ahead = Job.objects.filter(lane=job.lane, status=Status.QUEUED).filter(
        Q(priority__gt=job.priority)
        | Q(priority=job.priority, turn__lt=job.turn)
        | Q(priority=job.priority, turn=job.turn, created_at__lt=job.created_at)
    )
    return ahead.count() + 1


def claim(*, lane: str, worker: str) -> Job | None:
    """The next job of `lane`, now leased to `worker`; None when the lane is empty.

    Of jobs on their last attempt a worker runs one at a time: it died twice while it ran them, but most
    likely over one of them only, which shall not take the others with it.

    Two claimers never get the same row: SQLite's transaction is IMMEDIATE, so the second one waits its turn,
    and PostgreSQL lets each claimer step over the row that another one is taking.
    """
    with transaction.atomic():
        waiting = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(lane=lane, status=Status.QUEUED)
            .order_by("-priority", "turn", "created_at")
        )
        job = waiting.first()
        if job and job.attempt == leases.MAX_ATTEMPTS - 1 and _runs_a_last_attempt(worker):
            job = waiting.filter(attempt__lt=leases.MAX_ATTEMPTS - 1).first()
        if job is None:
            return None
        job.status, job.worker, job.attempt = Status.PROCESSING, worker, job.attempt + 1
        job.leased_until = leases.lease_end()
        job.started_at = job.started_at or timezone.now()
        job.save(update_fields=("status", "worker", "attempt", "leased_until", "started_at"))
    return job


def _runs_a_last_attempt(worker: str) -> bool:
    running = Job.objects.filter(worker=worker, status=Status.PROCESSING)
    return running.filter(attempt=leases.MAX_ATTEMPTS).exists()
