"""The admin's pages of jobs: what happened, with its pictures, and a way to stop it."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from PIL import Image

from core.images import store
from core.images.encoding import encode
from core.jobs.models import Job, JobImage, Status

pytestmark = pytest.mark.django_db

JOBS = "/admin/jobs/job/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief", "chief@example.com", "a-long-enough-one"))
    return client


def make_job(status: Status = Status.DONE) -> Job:
    """A job of somebody else's, with one picture that was given and one that was made."""
    job = Job.objects.create(
        kind="image_generation.generate",
        parameters={},
        owner="user:7",
        share="user:7",
        lane="device",
        status=status,
    )
    for role, colour in ((JobImage.Role.INPUT, "blue"), (JobImage.Role.OUTPUT, "red")):
        data = encode(Image.new("RGB", (400, 200), colour), "png")
        image = store.save(owner=job.owner, data=data, width=400, height=200, format="png")
        JobImage.objects.create(job=job, image=image, role=role, index=0)
    return job


def picture_of(job: Job, role: JobImage.Role) -> str:
    return f"/admin/images/storedimage/{job.images.get(role=role).image_id}/thumbnail/"


def test_the_pages_show_what_a_job_made(chief: Client) -> None:
    job = make_job()
    for page in (JOBS, f"{JOBS}{job.pk}/change/"):
        html = chief.get(page).content.decode()
        assert str(job.pk) in html
        assert picture_of(job, JobImage.Role.OUTPUT) in html
        assert picture_of(job, JobImage.Role.INPUT) not in html
    thumbnail = chief.get(picture_of(job, JobImage.Role.OUTPUT))
    assert thumbnail["Content-Type"] == "image/jpeg"


def test_a_job_without_pictures_is_shown(chief: Client) -> None:
    job = Job.objects.create(kind="models.pull", parameters={}, owner="user:7", share="user:7", lane="cpu")
    assert chief.get(f"{JOBS}{job.pk}/change/").status_code == 200
    assert "/thumbnail/" not in chief.get(JOBS).content.decode()


def test_the_list_asks_as_much_for_many_jobs_as_for_one(
    chief: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        make_job()
    with django_assert_max_num_queries(12):
        assert chief.get(JOBS).status_code == 200


def test_a_queued_job_is_cancelled(chief: Client) -> None:
    queued, done = make_job(Status.QUEUED), make_job()
    form = {"action": "cancel_jobs", "_selected_action": [str(queued.pk), str(done.pk)]}
    answer = chief.post(JOBS, form, follow=True)
    assert "1 of 2 jobs cancelled" in answer.content.decode()
    queued.refresh_from_db()
    done.refresh_from_db()
    assert (queued.status, done.status) == (Status.CANCELLED, Status.DONE)


def test_only_finished_jobs_can_be_deleted(chief: Client) -> None:
    running, done = make_job(Status.PROCESSING), make_job()
    assert chief.post(f"{JOBS}{running.pk}/delete/", {"post": "yes"}).status_code == 403
    assert chief.post(f"{JOBS}{done.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Job.objects.values_list("pk", flat=True)) == [running.pk]


def test_several_at_once_are_not_deleted_while_one_runs(chief: Client) -> None:
    running, done = make_job(Status.PROCESSING), make_job()
    form = {"action": "delete_selected", "_selected_action": [str(running.pk), str(done.pk)], "post": "yes"}
    chief.post(JOBS, form)
    assert Job.objects.filter(pk=running.pk).exists()


def clerk(client: Client, *permissions: str) -> Client:
    """Staff with nothing but these permissions for jobs."""
    user = User.objects.create_user("clerk", password="a-long-enough-one", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def test_staff_that_may_not_delete_jobs_deletes_none(client: Client) -> None:
    done = make_job()
    looking = clerk(client, "view_job", "change_job")
    assert looking.post(f"{JOBS}{done.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [str(done.pk)], "post": "yes"}
    looking.post(JOBS, form)
    assert Job.objects.filter(pk=done.pk).exists()


def test_a_page_that_was_opened_before_the_end_cannot_undo_it(client: Client) -> None:
    running = make_job(Status.PROCESSING)
    page = f"{JOBS}{running.pk}/change/"
    changing = clerk(client, "view_job", "change_job")
    assert 'name="_save"' not in changing.get(page).content.decode()
    assert changing.post(page, {"_save": "Save"}).status_code == 403
    form = {"action": "cancel_jobs", "_selected_action": [str(running.pk)]}
    assert "1 of 1 jobs cancelled" in changing.post(JOBS, form, follow=True).content.decode()


def test_staff_that_may_not_change_jobs_cancels_none(client: Client) -> None:
    queued = make_job(Status.QUEUED)
    form = {"action": "cancel_jobs", "_selected_action": [str(queued.pk)]}
    clerk(client, "view_job").post(JOBS, form)
    queued.refresh_from_db()
    assert queued.status == Status.QUEUED


def test_nobody_else_may_look(client: Client) -> None:
    job = make_job()
    pages = [JOBS, f"{JOBS}{job.pk}/change/", picture_of(job, JobImage.Role.OUTPUT)]
    for page in pages:
        assert client.get(page).status_code == 302
    client.force_login(User.objects.create_user("clerk", password="a-long-enough-one", is_staff=True))
    for page in pages:
        assert client.get(page).status_code == 403
