"""Several processes at once: no picture is lost, doubled or left behind."""

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from core.images import store
from core.images.models import StoredImage
from core.images.tests.pictures import corners, file_of, files_under
from core.images.tests.stored import PNG, pin, saved, uploaded
from core.jobs.models import Job, JobImage

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls gave, or raised, all started at once."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_upload_is_one_image(media: Path) -> None:
    data = file_of(corners(), "JPEG")
    for owner in ("ann", "bob", "eve"):
        results = in_threads(*[lambda owner=owner: uploaded(owner, data).pk] * 6)
        assert len(set(results)) == 1, results
    assert len(files_under(media)) == StoredImage.objects.count() == 3


def test_a_purge_never_takes_what_is_being_pinned(media: Path) -> None:
    """As jobs do it: one saves and pins the very picture that another unpins and purges."""

    def save_and_pin() -> Job:
        with transaction.atomic():
            return pin(saved(ttl=0))

    for _ in range(12):
        job = save_and_pin()
        image_id = JobImage.objects.get(job=job).image_id

        def discard(job: Job = job, image_id: uuid.UUID = image_id) -> int:
            job.delete()
            return store.purge(only=[image_id])

        second, _ = in_threads(save_and_pin, discard)
        assert isinstance(second, Job), second
        image = JobImage.objects.select_related("image").get(job=second).image
        assert store.read(image) == PNG
        second.delete()
        store.purge()
    assert files_under(media) == set()


def test_deleting_and_saving_leaves_row_and_file_in_step(media: Path) -> None:
    for _ in range(8):
        image = saved()
        in_threads(lambda: saved(), lambda doomed=image.pk: store.delete(image_id=doomed, owner="ann"))
        rows = {image.file.name for image in StoredImage.objects.all()}
        assert files_under(media) == rows
        for left in StoredImage.objects.all():
            assert store.read(left) == PNG
