"""A request with an Idempotency-Key queues one job, even if its server died before it could answer."""

from typing import Any

import pytest
from django.test import Client

from core.api.models import IdempotencyKey
from core.jobs.models import Job

pytestmark = pytest.mark.django_db

GENERATE = "/api/v1/image-generation/generate/async/"
DATASET = "/api/v1/datasets/generate/async/"


def post(url: str, key: str, **fields: Any) -> Any:
    return Client().post(url, fields, content_type="application/json", headers={"Idempotency-Key": key})


def server_died_before_it_answered() -> None:
    """The rows as such a server leaves them: the job is there, the answer is not."""
    host, _, boot = IdempotencyKey.objects.get().process.rsplit(" ", 2)
    nobody = 2**22 + 1  # above the highest pid there is
    IdempotencyKey.objects.update(status_code=None, body=b"", process=f"{host} {nobody} {boot}")


def test_the_retry_is_given_the_job_that_was_queued() -> None:
    first = post(GENERATE, "k1", prompt="a red heart").json()
    server_died_before_it_answered()

    again = post(GENERATE, "k1", prompt="a red heart")

    assert (again.status_code, again.json()["task_id"]) == (202, first["task_id"])
    assert Job.objects.count() == 1
    replayed = post(GENERATE, "k1", prompt="a red heart")
    assert replayed["Idempotent-Replayed"] == "true"
    assert replayed.json()["task_id"] == first["task_id"]


def test_the_retry_speaks_of_the_dataset_of_that_job() -> None:
    fields = {"class_label": "cat", "output_size": 2}
    first = post(DATASET, "k1", **fields).json()
    server_died_before_it_answered()

    again = post(DATASET, "k1", **fields).json()

    assert again["dataset_id"] == first["dataset_id"]
    assert len(Client().get("/api/v1/datasets/").json()) == 1


def test_a_job_that_was_not_queued_is_queued_by_the_retry() -> None:
    first = post(GENERATE, "k1", prompt="a red heart").json()
    server_died_before_it_answered()
    Job.objects.all().delete()

    again = post(GENERATE, "k1", prompt="a red heart").json()

    assert again["task_id"] == first["task_id"]
    assert Job.objects.count() == 1


def test_another_key_is_another_job() -> None:
    jobs = [post(GENERATE, key, prompt="a red heart").json()["task_id"] for key in ("k1", "k2")]

    assert len(set(jobs)) == 2
