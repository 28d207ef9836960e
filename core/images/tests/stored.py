"""Pictures in the store, and what holds them there."""

from typing import Any

from core.images import store
from core.images.models import StoredImage
from core.images.picture import Picture
from core.images.tests.pictures import corners, file_of
from core.jobs.models import Job, JobImage

PNG = file_of(corners())


def saved(owner: str = "ann", data: bytes = PNG, **options: Any) -> StoredImage:
    return store.save(owner=owner, data=data, width=32, height=16, format="png", **options)


def uploaded(owner: str, data: bytes) -> StoredImage:
    """As POST /images/ stores it."""
    return store.put(owner=owner, picture=Picture(data))


def pin(image: StoredImage) -> Job:
    job = Job.objects.create(kind="a.b", parameters={}, owner=image.owner, share=image.owner, lane="cpu")
    JobImage.objects.create(job=job, image=image, role=JobImage.Role.INPUT, index=0)
    return job
