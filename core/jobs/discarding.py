"""Throws synchronous calls away: nobody but who waits for one may see it."""

import threading
from collections.abc import Sequence
from uuid import UUID

from core.images import store
from core.jobs.hub import Hub
from core.jobs.models import FINISHED, Job, JobImage

AT_ONCE = 100  # a short transaction each

_one_at_a_time = threading.Lock()


def discard_answered(hub: Hub) -> None:
    """Discards the calls that have been answered; afterwards none of them holds a picture any more."""
    with _one_at_a_time:
        answered = hub.take_answered()
        try:
            while answered:
                discard(hub, answered[:AT_ONCE])
                del answered[:AT_ONCE]
        finally:
            hub.note_answered(*answered)  # what could not be discarded, until the next time


def discard(hub: Hub, job_ids: Sequence[UUID]) -> None:
    """Deletes the calls, cancels those that still run, and deletes the pictures that only they needed."""
    pictures = list(JobImage.objects.filter(job_id__in=job_ids).values_list("image_id", flat=True))
    rows = Job.objects.filter(pk__in=job_ids)
    unfinished = list(rows.exclude(status__in=FINISHED).values_list("pk", flat=True))
    rows.delete()
    for job_id in job_ids:
        hub.log.forget(job_id)
    for job_id in unfinished:
        hub.doorbell.cancel(job_id)
    store.purge(only=pictures)
