"""What a running job gives its handler: cancel flag, progress, and a place for its pictures."""

import base64
import threading
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.exceptions import Cancelled
from core.images import store
from core.jobs import leases
from core.jobs.events import TERMINAL
from core.jobs.links import JobEvent, Link
from core.jobs.models import Job, JobImage
from core.operations import SavedImage


class Stopped(Enum):
    """Why a running job is to stop."""

    CANCELLED = "cancelled"  # somebody asked for it
    LOST = "lost"  # the row is gone or another worker's: nothing may be written
    SHUTDOWN = "shutdown"  # the worker stops in good order: back to the queue


class JobContext:
    """The `core.operations.Context` of one claimed job. Handlers call it from the job's own thread."""

    keeps_history = True

    def __init__(self, job: Job, link: Link) -> None:
        self.job = job
        self._link = link
        self._stopped: Stopped | None = None
        self._steps: dict[int, int] = {}  # done, by picture
        self._made_before = 0
        self._lock = threading.Lock()

    @property
    def owner(self) -> str:
        return self.job.owner

    @property
    def share(self) -> str:
        return self.job.share

    @property
    def request_id(self) -> str:
        return self.job.request_id

    @property
    def run_id(self) -> str:
        return str(self.job.pk)

    @property
    def stopped(self) -> Stopped | None:
        """Why the job is to stop; None while it may go on."""
        return self._stopped

    def stop(self, reason: Stopped) -> None:
        """Makes the next `check` raise. The first reason counts. May be called from any thread."""
        with self._lock:
            self._stopped = self._stopped or reason

    def check(self) -> None:
        if self._stopped is not None:
            raise Cancelled

    def loading(self, message: str) -> None:
        self.emit("progress", {"status": "processing", "loading_message": message})

    def progress(self, step: int, total: int, *, index: int | None = None, **details: float) -> None:
        pictures = max(1, self.job.image_count) if index is not None else 1
        made_before = self._made_before if index is not None else 0
        with self._lock:  # pictures of one job run side by side, and its progress must not go back
            self._steps[index or 0] = step
            done = sum(self._steps.values()) + total * made_before
            data: dict[str, Any] = {
                "status": "processing",
                "progress": round(done / max(1, total * pictures), 4),
                "current_step": done,
                "total_steps": total * pictures,
                "loading_message": "",
                **details,
            }
            if index is not None:
                data |= {"index": index, "image_progress": round(step / max(1, total), 4)}
            self.emit("progress", data)
        self.check()

    def preview(self, jpeg: bytes, *, index: int) -> None:
        self.emit("preview", {"index": index, "image": base64.b64encode(jpeg).decode("ascii")})

    def finished(self) -> dict[int, SavedImage]:
        made = JobImage.objects.filter(job_id=self.job.pk, role=JobImage.Role.OUTPUT)
        saved = {image.index: SavedImage(image.index, image.image_id, image.seed) for image in made}
        self._made_before = len(saved)
        return saved

    def save(
        self,
        index: int,
        data: bytes,
        *,
        format: str,  # noqa: A002
        width: int,
        height: int,
        seed: int | None = None,
    ) -> SavedImage:
        # A synchronous call's picture is handed over at once: it may go as soon as the row that pins it.
        ttl = 0 if self.job.waiter else settings.STUDIO_IMAGE_TTL
        with transaction.atomic():  # no purge may see the picture before it is pinned
            if not leases.held(self.job).exists():
                self.stop(Stopped.LOST)
                raise Cancelled
            image = store.save(
                owner=self.owner, data=data, width=width, height=height, format=format, ttl=ttl
            )
            JobImage.objects.create(
                job_id=self.job.pk, image=image, role=JobImage.Role.OUTPUT, index=index, seed=seed
            )
            Job.objects.filter(pk=self.job.pk, first_image_at=None).update(first_image_at=timezone.now())
        saved = SavedImage(index, image.pk, seed)
        self.emit("image", {"index": index, "seed": seed, "image_id": str(image.pk)})
        return saved

    def emit(self, name: str, data: dict[str, Any]) -> None:
        """Shows an event to whoever watches the job. Nobody can watch a synchronous call: it only ends."""
        if self.job.waiter and name not in TERMINAL:
            return
        self._link.event(JobEvent(self.job.pk, self.job.owner, self.job.attempt, name, data))
