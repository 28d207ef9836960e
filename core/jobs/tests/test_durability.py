"""Nothing is lost when a process dies: real servers, killed with SIGKILL in the middle of real work."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.conf import settings

from core.jobs.tests.studio import Studio, events, wait_until

pytestmark = pytest.mark.timeout(180)

GENERATE = "/image-generation/generate/"
NewStudio = Callable[..., Studio]


def submit(client: httpx2.Client, **fields: Any) -> str:
    body = {"prompt": "a red heart", "num_inference_steps": 25, "seed": 1, "deterministic": True, **fields}
    response = client.post(f"{GENERATE}async/", json=body)
    assert response.status_code == 202, response.text
    return str(response.json()["task_id"])


def shown(client: httpx2.Client, task_id: str) -> dict[str, Any]:
    job: dict[str, Any] = client.get(f"/jobs/{task_id}/").json()
    return job


def result(client: httpx2.Client, task_id: str) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        response = client.get(f"/jobs/{task_id}/result/")
        return response.json() if response.status_code == 200 else None

    return wait_until(done, seconds=60)


def under_way(client: httpx2.Client, task_id: str) -> dict[str, Any] | None:
    job = shown(client, task_id)
    return job if job["status"] == "processing" and job["current_step"] >= 2 else None


def follow(studio: Studio, task_id: str) -> tuple[threading.Thread, list[tuple[str, str, dict[str, Any]]]]:
    got: list[tuple[str, str, dict[str, Any]]] = []

    def read() -> None:
        with studio.client() as client:
            got.extend(events(client, f"/jobs/{task_id}/stream/"))

    thread = threading.Thread(target=read)
    thread.start()
    return thread, got


def test_kill_9_of_the_worker_in_the_middle_of_three_jobs(new_studio: NewStudio) -> None:
    studio = new_studio()
    with studio.client() as client:
        jobs = [submit(client, seed=seed) for seed in (1, 2, 3)]
        thread, got = follow(studio, jobs[0])
        wait_until(lambda: under_way(client, jobs[0]), seconds=60)
        victim = studio.worker()

        victim.kill()

        assert client.get(f"{studio.url}/health").json() == {"status": "OK"}
        images = [result(client, task_id)["image"] for task_id in jobs]
        thread.join(30)
        assert not thread.is_alive(), "the open stream ended with its job"
        assert [got[0][1], got[-1][1]] == ["accepted", "done"]
        assert [name for _, name, _ in got].count("image") == 1, "no result is recorded twice"
        assert got[-1][0].startswith("2."), "the second attempt ended it"
        assert shown(client, jobs[0])["attempt"] == 2
        assert len(set(images)) == 3
        alone = client.post(
            GENERATE, json={"prompt": "a red heart", "num_inference_steps": 25, "seed": 1}
        ).json()
        assert alone["image_bytes"] == images[0], "the second attempt made the same picture"
        assert studio.worker().pid != victim.pid


def test_kill_9_of_the_server_loses_nothing_and_runs_no_abandoned_call_again(new_studio: NewStudio) -> None:
    studio = new_studio(STUDIO_BATCHING="off")  # one picture after the other: some are done, some are not
    with studio.client() as client:
        jobs = [submit(client, num_images=2, seed=seed) for seed in (1, 2, 3)]
        wait_until(lambda: shown(client, jobs[0])["images"][0]["status"] == "done")
        caller = threading.Thread(target=_sync_call, args=(studio,))
        caller.start()
        wait_until(lambda: "queued" in {image["status"] for image in shown(client, jobs[2])["images"]})
        first_image = shown(client, jobs[0])["images"][0]["image_id"]
        time.sleep(0.3)

    studio.kill()
    caller.join(10)
    restarted = len(studio.log.read_text())
    studio.start()

    with studio.client() as client:
        results = [result(client, task_id) for task_id in jobs]
        assert results[0]["images"][0]["image_id"] == first_image, "what was finished is not made again"
        assert [[image["index"] for image in one["images"]] for one in results] == [[0, 1]] * 3
        assert len({image["image_id"] for one in results for image in one["images"]}) == 4, (
            "seeds 1, 2, 3 and 4"
        )
        again = list(events(client, f"/jobs/{jobs[0]}/stream/", **{"Last-Event-ID": "1.3"}))
        assert again[0][1] == "snapshot"
        assert again[-1][1] == "done"
        assert client.get("/jobs/").json()["results"][0]["task_id"] == jobs[2]
    assert "request_id=abandoned" not in studio.log.read_text()[restarted:], "nobody waits for that call"


def _sync_call(studio: Studio) -> None:
    body = {"prompt": "nobody waits for this", "num_inference_steps": 90}
    with studio.client(headers={"X-Request-Id": "abandoned"}) as client, pytest.raises(httpx2.HTTPError):
        client.post(GENERATE, json=body)


def test_sigterm_wakes_who_waits_and_gives_jobs_back(new_studio: NewStudio) -> None:
    studio = new_studio()
    body = {"prompt": "a red heart", "num_inference_steps": 4, "seed": 9}
    with studio.client() as client:
        picture = client.post(GENERATE, json=body).json()["image_bytes"]
        job = submit(client, num_inference_steps=100)
        wait_until(lambda: under_way(client, job), seconds=60)
        answers: list[httpx2.Response] = []
        caller = threading.Thread(target=lambda: answers.append(_post(studio)))
        caller.start()
        time.sleep(0.3)

    started = time.monotonic()
    code = studio.stop()
    took = time.monotonic() - started
    caller.join(10)

    assert code == 0
    assert took < 8
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(503, "stopping")]
    assert answers[0].headers["Retry-After"]
    studio.start()
    with studio.client() as client:
        assert result(client, job)["image"]
        assert shown(client, job)["attempt"] == 1, "an orderly stop costs no attempt"
        assert client.post(GENERATE, json=body).json()["image_bytes"] == picture, "a seed outlives a restart"


def test_a_worker_that_has_to_be_killed_at_a_stop_costs_its_jobs_no_attempt_either(
    new_studio: NewStudio,
) -> None:
    studio = new_studio()
    with studio.client() as client:
        job = submit(client, num_inference_steps=100)
        wait_until(lambda: under_way(client, job), seconds=60)
        studio.worker().suspend()  # as good as one within a step that takes longer than the stop may

    assert studio.stop() == 0

    with closing(sqlite3.connect(studio.root / "state" / "db.sqlite3")) as database:
        assert database.execute("SELECT status, attempt, worker FROM jobs_job").fetchall() == [
            ("queued", 0, "")
        ]


def _post(studio: Studio) -> httpx2.Response:
    with studio.client() as client:
        return client.post(GENERATE, json={"prompt": "a cat"})


def test_a_second_server_says_why_it_does_not_start(new_studio: NewStudio) -> None:
    studio = new_studio()

    with pytest.raises(AssertionError, match="cannot share one queue yet: stop the other one"):
        Studio(studio.root).start()


def test_a_port_that_is_taken_is_a_failed_start(new_studio: NewStudio, tmp_path: Path) -> None:
    studio = new_studio()
    taken = studio.url.rpartition(":")[2]

    run = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", taken],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "STUDIO_STATE_ROOT": str(tmp_path / "other"),
            "STUDIO_PRELOAD": "false",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{taken}" in run.stderr
