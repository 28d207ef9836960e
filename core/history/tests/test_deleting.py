"""What goes with an entry that is deleted, and what stays: jobs and other entries share pictures."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from core.history import services as history
from core.history.models import HistoryRow
from core.images.models import StoredImage
from core.images.tests.pictures import corners, file_of
from core.images.tests.stored import saved
from core.jobs.models import Job, JobImage, Status
from core.operations.inline import InlineContext

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def given() -> StoredImage:
    return saved()


@pytest.fixture
def made() -> StoredImage:
    return saved(data=file_of(corners().rotate(180)))


def finished_job(role: JobImage.Role, image: StoredImage) -> Job:
    """A job of some kind that has `image` as its picture 0."""
    job = Job.objects.create(
        kind="a.b", parameters={}, owner="ann", share="ann", lane="cpu", status=Status.DONE
    )
    JobImage.objects.create(job=job, image=image, role=role, index=0)
    return job


def entry(given: StoredImage, made: StoredImage, *, run_id: str = "") -> HistoryRow:
    """What a call (the run `run_id`) leaves that made `made` of `given`."""
    kind = apps.get_model("image_processing", "ProcessedImage")
    context = InlineContext(owner="ann", share="ann")
    context.run_id = run_id or context.run_id
    row_id = history.record(
        kind, context, input_image=given.pk, output_image=made.pk, parameters={}, model="", processing_time=0
    )
    row: HistoryRow = kind._default_manager.get(pk=row_id)
    return row


def made_by(job: Job) -> list[Any]:
    return list(job.images.filter(role=JobImage.Role.OUTPUT).values_list("image_id", flat=True))


def is_there(image: StoredImage) -> bool:
    return StoredImage.objects.filter(pk=image.pk).exists()


def test_the_job_that_made_the_input_keeps_it(given: StoredImage, made: StoredImage) -> None:
    painting = finished_job(JobImage.Role.OUTPUT, given)
    history.delete(entry(given, made))
    assert made_by(painting) == [given.pk]
    assert is_there(given)
    assert not is_there(made)


@pytest.mark.parametrize("step", ["", "/2"])
def test_the_run_s_own_job_loses_the_result(given: StoredImage, made: StoredImage, step: str) -> None:
    job = finished_job(JobImage.Role.OUTPUT, made)
    history.delete(entry(given, made, run_id=f"{job.pk}{step}"))
    assert made_by(job) == []
    assert not is_there(made)


def test_another_run_with_the_same_result_keeps_it(given: StoredImage, made: StoredImage) -> None:
    first, second = finished_job(JobImage.Role.OUTPUT, made), finished_job(JobImage.Role.OUTPUT, made)
    row = entry(given, made, run_id=str(first.pk))
    entry(given, made, run_id=str(second.pk))
    history.delete(row)
    assert made_by(first) == []
    assert made_by(second) == [made.pk]
    assert is_there(made)


def test_a_finished_job_does_not_hold_what_it_was_given(given: StoredImage, made: StoredImage) -> None:
    finished_job(JobImage.Role.INPUT, made)
    history.delete(entry(given, made))
    assert not is_there(made)
