"""The last event of a job, told from its row: the same whoever tells it."""

from typing import Any

from core.jobs.models import Job, JobImage, Status


def ending(job: Job) -> tuple[str, dict[str, Any]]:
    """Name and data of the event that ends the stream of a finished `job`."""
    data: dict[str, Any] = {"status": job.status, "metrics": job.metrics(), "loading_message": ""}
    if job.status == Status.DONE:
        data |= {"progress": 1.0, "images": outputs(job)}
    if job.status == Status.ERROR:
        data |= {"error": public_error(job)}
    return str(job.status), data


def outputs(job: Job) -> list[dict[str, Any]]:
    """The pictures that `job` has made so far, in order."""
    return [
        {
            "index": made.index,
            "status": "done",
            "progress": 1.0,
            "seed": made.seed,
            "image_id": str(made.image_id),
        }
        for made in job.images.all()
        if made.role == JobImage.Role.OUTPUT
    ]


def public_error(job: Job) -> dict[str, Any] | None:
    """What a client may know about why `job` failed."""
    return {"code": job.error["code"], "detail": job.error["detail"]} if job.error else None
