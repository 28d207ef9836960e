"""What Prometheus is told, by a studio that works and by one that keeps it to its staff."""

from typing import Any

import httpx2
import pytest
from django.contrib.auth.models import User
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from core.jobs.tests.studio import Studio, wait_until


def figures(text: str) -> dict[tuple[str, ...], float]:
    """By name and the values of the labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def told(studio: Studio) -> dict[tuple[str, ...], float]:
    answer = httpx2.get(f"{studio.url}/metrics", headers={"Accept": "text/plain;version=0.0.4"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return figures(answer.text)


def test_work_can_be_seen_in_the_figures(studio: Studio) -> None:
    before = told(studio)
    with studio.client() as client:
        asked = {"prompt": "a cat", "num_inference_steps": 2}
        assert client.post("/image-generation/generate/", json=asked).status_code == 200
        assert client.get("/no-such-thing/", headers={"X-Request-Id": "x"}).status_code == 404

        def grown(*key: str) -> float:
            return told(studio).get(key, 0) - before.get(key, 0)

        route = "/api/v1/image-generation/generate"
        wait_until(lambda: grown("studio_request_seconds_count", "POST", route, "200") >= 1)
        wait_until(lambda: grown("studio_passes_total", "starter") >= 2, 10)  # a worker tells every 2 s
    assert grown("studio_request_seconds_count", "GET", "", "404") >= 1
    assert grown("studio_job_run_seconds_count", "image_generation.generate", "done") >= 1
    assert grown("studio_job_queue_seconds_count", "image_generation.generate", "done") >= 1
    now = told(studio)
    assert now["studio_worker_connected",] == 1
    assert now["studio_model_loaded", "starter"] == 1
    assert now["studio_model_memory_bytes", "starter"] > 1e6
    assert now["studio_pass_requests_total", "starter"] >= now["studio_passes_total", "starter"]


def test_the_queue_is_in_the_figures(studio: Studio) -> None:
    with studio.client() as client:
        asked = {"prompt": "a cat", "num_inference_steps": 100, "num_images": 8, "deterministic": True}
        jobs = [
            client.post("/image-generation/generate/async/", json=asked).json()["task_id"] for _ in range(20)
        ]
        wait_until(lambda: told(studio)["studio_jobs", "device", "queued"] >= 1)
        wait_until(lambda: told(studio)["studio_oldest_queued_seconds", "device"] > 0)
        assert told(studio)["studio_jobs", "device", "processing"] >= 1
        for job in jobs:
            client.post(f"/jobs/{job}/cancel/")
        wait_until(lambda: told(studio)["studio_jobs", "device", "queued"] == 0)


@pytest.mark.django_db
def test_without_a_worker_there_are_figures_too() -> None:
    now = figures(Client().get("/metrics").content.decode())

    assert now["studio_worker_connected",] == 0
    assert now["studio_jobs", "device", "queued"] == 0
    assert not any(name == "studio_model_loaded" for name, *_ in now)


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [(None, 401), ("ann", 403), ("staff", 200)])
def test_where_accounts_are_needed_only_staff_may_look(settings: Any, who: str | None, status: int) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    headers = {}
    if who:
        user = User.objects.create_user(who, password="over the hills", is_staff=who == "staff")
        login = {"username": user.username, "password": "over the hills"}
        access = Client().post("/api/v1/auth/login/", login, content_type="application/json").json()["access"]
        headers["Authorization"] = f"Bearer {access}"

    answer = Client().get("/metrics", headers=headers)

    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()) == {"detail", "code", "request_id"}


@pytest.mark.django_db
def test_no_client_makes_a_series_of_its_own() -> None:
    client = Client()
    for number in range(5):
        client.get(f"/api/v1/jobs/00000000-0000-4000-8000-00000000000{number}/")
        client.get(f"/invented-{number}/")
        client.generic(f"METHOD{number}", "/invented/")

    text = client.get("/metrics").content.decode()
    names = {key[1:3] for key in figures(text) if key[0] == "studio_request_seconds_count"}
    assert "METHOD" not in text
    assert ("GET", "/api/v1/jobs/<job_id>") in names
    assert "00000000-0000" not in text
    assert "invented" not in text
