"""Asynchronous generation: streams, sockets, cancels, and clients that hang up."""

import asyncio
import base64
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import websockets
from django.conf import settings

from core.jobs.tests.studio import Studio, events, wait_until

ASYNC = "/image-generation/generate/async/"


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        # The model loads with the first request; the tests below look at steps.
        client.post("/image-generation/generate/", json={"prompt": "warm", "num_inference_steps": 1})
        yield client


def submit(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    response = client.post(ASYNC, json={"prompt": "a red heart", "num_inference_steps": 6, **fields})
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.json()
    return job


def job_path(job: dict[str, Any]) -> str:
    return f"/jobs/{job['task_id']}/"


def finished(client: httpx2.Client, job: dict[str, Any]) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        now: dict[str, Any] = client.get(job_path(job)).json()
        return now if now["status"] in {"done", "error", "cancelled"} else None

    return wait_until(ended)


def test_the_answer_is_the_job_with_its_links(client: httpx2.Client) -> None:
    job = submit(client, prompt="a dog")

    assert job["prompt"] == "a dog"
    assert job["kind"] == "image_generation.generate"
    assert job["status"] == "queued"
    assert job["queue_position"] >= 1
    assert set(job["links"]) == {"self", "result", "stream", "cancel", "websocket"}
    assert client.get(job["links"]["self"]).json()["task_id"] == job["task_id"]
    finished(client, job)
    assert client.get(job["links"]["result"]).status_code == 200


def test_a_stream_has_accepted_a_progress_a_step_and_done(client: httpx2.Client) -> None:
    job = submit(client)

    got = list(events(client, f"{job_path(job)}stream/"))

    assert [name for _, name, _ in got] == ["accepted", *["progress"] * 6, "image", "done"]
    assert [data["current_step"] for _, name, data in got if name == "progress"] == [1, 2, 3, 4, 5, 6]
    assert all(data["task_id"] == job["task_id"] and data["total_steps"] in {0, 6} for _, _, data in got)
    assert len({identity for identity, _, _ in got}) == len(got)
    image = got[-2][2]
    assert base64.b64decode(image["image"]).startswith(b"\x89PNG")
    assert image["seed"] == client.get(f"{job_path(job)}result/").json()["images"][0]["seed"]
    assert got[-1][2]["metrics"]["time_to_first_image"] > 0
    shown = client.get(job_path(job)).json()
    assert (shown["current_step"], shown["total_steps"]) == (6, 6)


def test_a_late_subscriber_and_a_returning_one_miss_nothing(client: httpx2.Client) -> None:
    job = submit(client)
    whole = list(events(client, f"{job_path(job)}stream/"))

    late = list(events(client, f"{job_path(job)}stream/"))
    returning = list(events(client, f"{job_path(job)}stream/", **{"Last-Event-ID": whole[3][0]}))

    assert late == whole
    assert returning == whole[4:]


def test_websocket_tells_the_same(client: httpx2.Client) -> None:
    job = submit(client)
    stream = list(events(client, f"{job_path(job)}stream/"))

    async def follow() -> list[tuple[str, str, Any]]:
        async with websockets.connect(job["links"]["websocket"], max_size=None) as socket:
            return [(m["id"], m["event"], m["data"]) async for m in (json.loads(raw) async for raw in socket)]

    assert asyncio.run(asyncio.wait_for(follow(), 30)) == stream


def test_all_jobs_over_one_websocket_and_cancel_over_it(client: httpx2.Client, studio: Studio) -> None:
    async def follow() -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = []
        async with websockets.connect(
            f"{studio.url.replace('http', 'ws')}/ws/jobs/", max_size=None
        ) as socket:
            await socket.send("rubbish")
            job = await asyncio.to_thread(submit, client, num_inference_steps=100)
            async for raw in socket:
                got.append(json.loads(raw))
                if got[-1]["event"] == "progress" and got[-1]["data"]["current_step"] == 2:
                    await socket.send(json.dumps({"action": "cancel", "task_id": job["task_id"]}))
                if got[-1]["event"] == "cancelled":
                    assert got[-1]["data"]["task_id"] == job["task_id"]
                    return got
        raise AssertionError("the socket closed before the job was cancelled")

    got = asyncio.run(asyncio.wait_for(follow(), 30))

    assert "refused" in {message["event"] for message in got}
    assert max(m["data"].get("current_step", 0) for m in got) < 50


def test_a_foreign_page_may_not_follow_the_jobs_of_who_reads_it(
    client: httpx2.Client, studio: Studio
) -> None:
    async def closed_with(origin: str) -> int | None:
        async with websockets.connect(
            f"{studio.url.replace('http', 'ws')}/ws/jobs/", origin=origin
        ) as socket:
            try:
                async with asyncio.timeout(0.5):
                    await socket.wait_closed()
            except TimeoutError:
                return None
            return socket.close_code

    assert asyncio.run(closed_with(studio.url)) is None
    assert asyncio.run(closed_with("https://evil.example")) == 4401


def test_several_pictures_are_streamed_as_each_is_finished(client: httpx2.Client) -> None:
    job = submit(client, num_images=3, num_inference_steps=2, seed=10)
    got = [(name, data) for _, name, data in events(client, f"{job_path(job)}stream/")]

    names = [name for name, _ in got]
    assert sorted(names[1:-1]) == ["image"] * 3 + ["progress"] * 6
    assert [names[0], names[-1]] == ["accepted", "done"]
    assert {data["index"]: data["seed"] for name, data in got if name == "image"} == {0: 10, 1: 11, 2: 12}
    assert [data["progress"] for name, data in got if name == "progress"] == sorted(
        data["progress"] for name, data in got if name == "progress"
    )
    shown = client.get(job_path(job)).json()
    assert [image["status"] for image in shown["images"]] == ["done"] * 3
    assert shown["metrics"]["time_to_first_image"] < shown["metrics"]["total_seconds"]


def test_previews_are_small_pictures_on_the_way(client: httpx2.Client) -> None:
    job = submit(client, previews=True, num_inference_steps=8)
    got = [(name, data) for _, name, data in events(client, f"{job_path(job)}stream/")]

    previews = [data for name, data in got if name == "preview"]
    assert previews
    assert all(base64.b64decode(data["image"]).startswith(b"\xff\xd8") for data in previews)


def test_cancel_stops_a_running_job_before_the_next_step(client: httpx2.Client) -> None:
    job = submit(client, num_inference_steps=100)
    steps_at_cancel = 0
    seen: list[dict[str, Any]] = []
    for _, _, data in events(client, f"{job_path(job)}stream/"):
        seen.append(data)
        if data["current_step"] == 3 and not steps_at_cancel:
            answer = client.post(f"{job_path(job)}cancel/").json()
            assert answer == {"success": True, "message": answer["message"], "task_id": job["task_id"]}
            # A job that has ended already says no step any more.
            steps_at_cancel = max(3, client.get(job_path(job)).json()["current_step"])

    assert seen[-1]["status"] == "cancelled"
    assert seen[-1]["current_step"] <= steps_at_cancel + 2, "the step under way ends, and no other begins"
    again = client.post(f"{job_path(job)}cancel/")
    assert (again.status_code, again.json()["success"]) == (200, False)
    result = client.get(f"{job_path(job)}result/")
    assert (result.status_code, result.json()["code"]) == (409, "cancelled")


def test_a_queued_job_is_cancelled_at_once(client: httpx2.Client) -> None:
    running = [submit(client, num_inference_steps=100) for _ in range(settings.STUDIO_DEVICE_SLOTS)]
    queued = submit(client)
    result = client.get(f"{job_path(queued)}result/")
    assert (result.status_code, result.json()["status"]) == (409, "queued")

    assert client.post(f"{job_path(queued)}cancel/").json()["success"]

    assert client.get(job_path(queued)).json()["status"] == "cancelled"
    assert client.delete(job_path(running[0])).status_code == 409
    for job in running:
        client.post(f"{job_path(job)}cancel/")
    for job in running:
        assert finished(client, job)["status"] == "cancelled"
    assert client.delete(job_path(running[0])).status_code == 204
    assert client.get(job_path(running[0])).status_code == 404


def test_a_synchronous_client_who_hangs_up_frees_the_device(client: httpx2.Client, studio: Studio) -> None:
    with pytest.raises(httpx2.TimeoutException), httpx2.Client(base_url=studio.api, timeout=0.5) as impatient:
        impatient.post("/image-generation/generate/", json={"prompt": "a cat", "num_inference_steps": 100})
    started = time.monotonic()

    answer = client.post("/image-generation/generate/", json={"prompt": "a dog", "num_inference_steps": 1})

    alone = answer.json()["generation_time"]
    assert time.monotonic() - started < alone + 1.5, "a hundred steps take several seconds"


def test_a_client_who_hangs_up_before_its_job_is_queued_leaves_none(
    client: httpx2.Client, studio: Studio
) -> None:
    database = sqlite3.connect(studio.root / "state" / "db.sqlite3", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")  # the call cannot be written down while this lasts
    with pytest.raises(httpx2.TimeoutException), httpx2.Client(base_url=studio.api, timeout=0.5) as impatient:
        impatient.post("/image-generation/generate/", json={"prompt": "a cat", "num_inference_steps": 100})
    database.execute("COMMIT")

    waiting = "SELECT count(*) FROM jobs_job WHERE waiter != '' AND status IN ('queued', 'processing')"
    wait_until(lambda: database.execute(waiting).fetchone() == (0,), 3)
    database.close()


@pytest.mark.parametrize(
    "position", [b"p=garbage", b"p=2026-13-45", b"p=%00", b"p=0001-01-01 00:00:00%2B23:59", b"o=-5", b"\xff"]
)
def test_a_cursor_that_was_never_given_out(client: httpx2.Client, position: bytes) -> None:
    response = client.get("/jobs/", params={"cursor": base64.b64encode(position).decode()})

    assert response.status_code in {200, 404}
    assert "code" in response.json() or "results" in response.json()


def test_a_socket_to_nowhere_is_closed(studio: Studio) -> None:
    async def close_code() -> int | None:
        async with websockets.connect(f"{studio.url.replace('http', 'ws')}/ws/nope/") as socket:
            await asyncio.wait_for(socket.wait_closed(), 5)
            return socket.close_code

    assert asyncio.run(close_code()) == 4404


def test_a_form_of_a_million_parts_stops_nobody(client: httpx2.Client, studio: Studio) -> None:
    boundary = "b"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    body = (part * 300_000 + f"--{boundary}--\r\n").encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    sender = threading.Thread(
        target=lambda: client.post("/image-generation/generate/", content=body, headers=kind)
    )
    slowest = 0.0
    sender.start()
    while sender.is_alive():
        started = time.monotonic()
        assert httpx2.get(f"{studio.url}/health").status_code == 200
        slowest = max(slowest, time.monotonic() - started)

    assert slowest < 3, "the event loop stood still"


def test_lists_are_filtered_and_paged(client: httpx2.Client) -> None:
    jobs = [submit(client, num_inference_steps=1) for _ in range(3)]
    for job in jobs:
        finished(client, job)

    page = client.get("/jobs/", params={"limit": 2, "status": "done"}).json()
    rest = client.get(page["next"]).json()

    assert [job["task_id"] for job in page["results"]] == [jobs[2]["task_id"], jobs[1]["task_id"]]
    assert rest["results"][0]["task_id"] == jobs[0]["task_id"]
    assert client.get("/jobs/", params={"kind": "nothing.like_it"}).json()["results"] == []
    assert client.get("/jobs/", params={"status": "odd"}).status_code == 400


def test_no_such_job(client: httpx2.Client) -> None:
    for job_id in ("00000000-0000-0000-0000-000000000000", "1", "..%2f..", "0" * 300):
        for what in ("", "result/", "stream/"):
            response = client.get(f"/jobs/{job_id}/{what}")
            assert (response.status_code, response.json()["code"]) == (404, "not_found"), (job_id, what)
