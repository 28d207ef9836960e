"""Where a training goes on from after a crash: one file a run, in the state folder, until it has ended."""

import re
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from apps.image_generation.loras import folder
from core.jobs.models import UNFINISHED, Job

EXPORT_SECONDS = 3600  # longer than any takes


def path_of(run_id: str) -> Path:
    """The file of the run, which need not be there."""
    return _folder() / f"{run_id.replace('/', '_')}.checkpoint"


def sweep() -> None:
    """Deletes what no unfinished job will ask for again: of cancelled trainings, and of given-up ones."""
    try:
        unfinished = Job.objects.filter(status__in=UNFINISHED).values_list("pk", flat=True)
        alive = {str(job_id) for job_id in unfinished}
    except DatabaseError:  # then it is not known, and can wait
        return
    for path in _folder().glob("*"):
        if re.split(r"[._]", path.name.lstrip("."))[0] not in alive:
            path.unlink(missing_ok=True)
    for path in folder.folder().glob(".*.unfinished"):  # an export that was killed
        with suppress(FileNotFoundError):  # or one that ends at this moment
            if time.time() - path.stat().st_mtime > EXPORT_SECONDS:
                path.unlink()


def _folder() -> Path:
    return Path(settings.STUDIO_STATE_ROOT) / "training"
