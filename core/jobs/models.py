"""The row is the truth: what is asked, who does it, how it ended."""

import uuid
from datetime import datetime

from django.db import models

from core.images.models import StoredImage


class Status(models.TextChoices):
    QUEUED = "queued"
    PROCESSING = "processing"
    DONE = "done"
    ERROR = "error"
    CANCELLED = "cancelled"


UNFINISHED = (Status.QUEUED, Status.PROCESSING)
FINISHED = (Status.DONE, Status.ERROR, Status.CANCELLED)


class Job(models.Model):
    """One run of one operation.

    A worker that claims the row holds it under a lease (`worker`, `leased_until`) and may write to it only
    while `worker` and `attempt` are still its own. A synchronous call is a row too, with somebody who waits
    for it (`waiter`, `awaited_until`): it is deleted soon after it is answered, and when nobody
    waits any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=100, help_text="Name of the operation.")
    version = models.PositiveSmallIntegerField(default=1, help_text="Version of the operation's parameters.")
    parameters = models.JSONField()
    image_count = models.PositiveSmallIntegerField(default=0, help_text="How many pictures it will make.")

    owner = models.CharField(max_length=64, help_text="Who may see it.")
    share = models.CharField(
        max_length=80, help_text="Whose turn it takes in the queue: a user or an address."
    )
    request_id = models.CharField(max_length=128, blank=True)

    lane = models.CharField(max_length=16)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    priority = models.SmallIntegerField(default=0, help_text="Higher goes first.")
    turn = models.BigIntegerField(default=0, help_text="Round of the fair queue in which it is served.")
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    waiter = models.CharField(max_length=120, blank=True)
    awaited_until = models.DateTimeField(null=True, blank=True)

    result = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    first_image_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="A finished job is deleted after this."
    )

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=("lane", "status", "-priority", "turn", "created_at"), name="job_queue"),
            models.Index(fields=("share", "status"), name="job_share"),
            models.Index(fields=("owner", "-created_at"), name="job_owner"),
            models.Index(fields=("status", "leased_until"), name="job_lease"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    def metrics(self) -> dict[str, float | None]:
        """Seconds in the queue, running, until the first picture and in all; None if still to come."""
        return {
            "queue_seconds": _seconds(self.created_at, self.started_at),
            "run_seconds": _seconds(self.started_at, self.completed_at),
            "time_to_first_image": _seconds(self.created_at, self.first_image_at),
            "total_seconds": _seconds(self.created_at, self.completed_at),
        }


def jobs_of_run(run_id: str) -> models.QuerySet[Job]:
    """The job that the run `run_id` is, or is a part of; none where it ran without one."""
    root = run_id.partition("/")[0]
    return Job.objects.filter(pk=root) if root else Job.objects.none()


class JobImage(models.Model):
    """A picture that a job needs or has made. PROTECT: the image store spares it while the job exists."""

    class Role(models.TextChoices):
        INPUT = "input"
        OUTPUT = "output"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(StoredImage, on_delete=models.PROTECT, related_name="job_images")
    role = models.CharField(max_length=8, choices=Role.choices)
    index = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("index",)
        constraints = (
            # No result is recorded twice, whoever tries.
            models.UniqueConstraint(fields=("job", "role", "index"), name="one_image_per_job_role_index"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.index} of {self.job_id}"


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 4) if start and end else None
