"""The face of core.history: record a run, look at what was done, delete it, let the old go."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.exceptions import NotFound
from core.history.models import HistoryRow
from core.images import store
from core.jobs.models import FINISHED, JobImage, jobs_of_run
from core.operations import Context

Row = TypeVar("Row", bound=HistoryRow)

# Rows to a round of the purge: short enough that nobody waits for it.
_BATCH = 100


def record(
    kind: type[Row],
    context: Context,
    *,
    input_image: UUID,
    output_image: UUID,
    parameters: dict[str, Any],
    model: str,
    processing_time: float,
    **own: Any,
) -> UUID | None:
    """Keeps one run in the history of `kind` and gives the row's id; a second attempt gives the first's.

    Gives None, and keeps nothing, where the context keeps no history. `own` are the fields that `kind` adds.
    Call it at the end of the handler, while the pictures are still held by the job (or, in a call without
    one, just made).
    """
    if not context.keeps_history:
        return None
    row, _ = kind._default_manager.get_or_create(
        run_id=context.run_id,
        defaults={
            "owner": context.owner,
            "request_id": context.request_id,
            "input_image_id": input_image,
            "output_image_id": output_image,
            "parameters": parameters,
            "model": model,
            "processing_time": processing_time,
            **own,
        },
    )
    row_id: UUID = row.pk
    return row_id


def rows_of(kind: type[Row], *, owner: str) -> QuerySet[Row]:
    """What `owner` did, newest first."""
    return kind._default_manager.filter(owner=owner).order_by("-created_at", "id")


def get(kind: type[Row], *, row_id: UUID, owner: str) -> Row:
    """One row; NotFound for another owner's as for one that never was."""
    row = rows_of(kind, owner=owner).filter(pk=row_id).first()
    if row is None:
        raise NotFound("There is no such entry in your history (old ones are deleted after a while).")
    return row


def delete(row: HistoryRow) -> None:
    """Deletes the row and its results, also out of the job that made them, which may still run.

    Its inputs go too, unless they were uploaded to be kept or something else needs them. What another job
    made stays with that job, be it the input or the very same picture as a result.
    """
    inputs, outputs = row.input_images(), row.output_images()
    with transaction.atomic():
        row.delete()
        needed = JobImage.objects.filter(job__status__in=FINISHED, role=JobImage.Role.INPUT)
        needed.filter(image_id__in=[*inputs, *outputs]).delete()
        # Whoever deletes a picture from the history does not expect to find it under /jobs/.
        made = JobImage.objects.filter(job__in=jobs_of_run(row.run_id), role=JobImage.Role.OUTPUT)
        made.filter(image_id__in=outputs).delete()
    store.release(set(outputs) - set(inputs))
    # What came with a request was kept briefly, for whoever would pin it.
    store.purge(timezone.now() + timedelta(seconds=store.BRIEFLY), only=inputs)


def purge() -> int:
    """Deletes what is older than STUDIO_HISTORY_TTL (0: nothing ever is); gives the number of rows."""
    if not settings.STUDIO_HISTORY_TTL:
        return 0
    oldest_kept = timezone.now() - timedelta(seconds=settings.STUDIO_HISTORY_TTL)
    old = [
        row
        for kind in _kinds()
        for row in kind._default_manager.filter(created_at__lt=oldest_kept).order_by("created_at")[:_BATCH]
    ]
    for row in old:
        delete(row)
    return len(old)


def _kinds() -> Iterator[type[HistoryRow]]:
    return (model for model in apps.get_models() if issubclass(model, HistoryRow))
