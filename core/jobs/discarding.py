"""Throws synchronous calls away: nobody but who waits for one may see it."""

from collections.abc import Sequence
from uuid import UUID

from core.images import store
from core.jobs.hub import Hub
from core.jobs.models import FINISHED, Job, JobImage


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
