"""Two hundred clients at once, half of them rude: nothing breaks, and afterwards nothing is left of them."""

import asyncio
import base64
import io
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2
import psutil
import pytest
import websockets
from PIL import Image

from core.jobs.tests.studio import Studio, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CLIENTS = 200
GENERATE = "/image-generation/generate/"
KEPT_ANSWERS = "select body_file from api_idempotencykey where body_file <> ''"
DELIBERATE = {"queue_full", "stopping", "unavailable"}
# The event loop keeps the threads of its executor (as many as Python's default), channels one for sockets.
THREADS_SPARE = min(32, (os.cpu_count() or 1) + 4) + 2
FILES_SPARE = 12  # fewer than any one kind of client opens


@dataclass
class Crowd:
    """Every client's answers: `seen` counts them, `wrong` has those that no client should get."""

    studio: Studio
    http: httpx2.AsyncClient
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def check(self, what: str, response: httpx2.Response, *expected: int) -> httpx2.Response:
        """Counts `response`; it is wrong unless its status is expected, and an error in the one shape."""
        status = response.status_code
        self.seen[f"{what} {status}"] += 1
        if status >= 400:
            try:
                body = response.json()
            except ValueError:
                body = {}
            in_shape = {"detail", "code", "request_id"} <= set(body) and body["request_id"]
            allowed = status in expected or (status == 503 and body.get("code") in DELIBERATE)
            if not (in_shape and allowed):
                self.wrong.append(f"{what}: {status} {response.text[:300]}")
        elif status not in expected:
            self.wrong.append(f"{what}: {status}")
        if "X-Request-Id" not in response.headers:
            self.wrong.append(f"{what}: {status} without X-Request-Id")
        return response

    async def submit(self, number: int, **fields: Any) -> dict[str, Any]:
        body = {"prompt": f"client {number}", "num_inference_steps": 2, **fields}
        response = self.check("async", await self.http.post(f"{GENERATE}async/", json=body), 202)
        job: dict[str, Any] = response.json()
        return job


async def paint(crowd: Crowd, number: int) -> None:
    # Few seeds: clients who ask for the same picture at the same time share its file.
    body = {"prompt": "a red heart", "num_inference_steps": 1, "seed": number % 3}
    crowd.check("sync", await crowd.http.post(GENERATE, json=body), 200)


async def paint_and_hang_up(crowd: Crowd, number: int) -> None:
    body = {"prompt": "nobody waits", "num_inference_steps": 20}
    try:
        await crowd.http.post(GENERATE, json=body, timeout=0.2 + number % 7 / 10)
    except httpx2.TimeoutException:
        crowd.seen["hung up"] += 1


async def paint_twice_with_a_key(crowd: Crowd, number: int) -> None:
    body = {"prompt": "a blue ball", "num_inference_steps": 1}
    headers = {"Idempotency-Key": f"key-{number}"}
    both = await asyncio.gather(*(crowd.http.post(GENERATE, json=body, headers=headers) for _ in range(2)))
    for response in both:
        crowd.check("keyed", response, 200, 409)


async def poll_and_delete(crowd: Crowd, number: int) -> None:
    job = await crowd.submit(number)
    path = f"/jobs/{job['task_id']}/"
    while True:
        shown = crowd.check("status", await crowd.http.get(path), 200).json()
        if shown["status"] in {"done", "error", "cancelled"}:
            crowd.seen[f"polled {shown['status']}"] += 1
            break
        await asyncio.sleep(0.1)
    crowd.check("delete", await crowd.http.delete(path), 204)


async def read_a_stream(crowd: Crowd, number: int) -> None:
    job = await crowd.submit(number, num_images=2, previews=True)
    names = []
    async with crowd.http.stream("GET", f"/jobs/{job['task_id']}/stream/") as response:
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                names.append(line[7:])
                if number % 2 and len(names) == 3:
                    crowd.seen["stream dropped"] += 1
                    return
    names = [name for name in names if name != "keepalive"]
    crowd.seen[f"stream ended with {names[-1]}"] += 1
    if names[0] != "accepted" or names.count("image") > 2 or names[-1] != "done":
        crowd.wrong.append(f"stream: {names}")


async def open_a_socket(crowd: Crowd, number: int) -> None:
    job = await crowd.submit(number)
    url = job["links"]["websocket"] if number % 3 else f"{crowd.studio.url.replace('http', 'ws')}/ws/jobs/"
    async with websockets.connect(url, max_size=None, open_timeout=60) as socket:
        await socket.send("rubbish")
        async for raw in socket:
            message = json.loads(raw)
            if message["event"] in {"done", "cancelled"} or (number % 2 and message["event"] != "refused"):
                crowd.seen["socket"] += 1
                return


async def cancel(crowd: Crowd, number: int) -> None:
    job = await crowd.submit(number, num_inference_steps=30)
    await asyncio.sleep(number % 5 / 10)
    path = f"/jobs/{job['task_id']}/"
    crowd.check("cancel", await crowd.http.post(f"{path}cancel/"), 200)
    crowd.check("result", await crowd.http.get(f"{path}result/"), 200, 409)


async def upload(crowd: Crowd, number: int) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (number % 5, 0, 0)).save(file, "PNG")
    image = base64.b64encode(file.getvalue()).decode()
    crowd.check("upload", await crowd.http.post("/images/", json={"image": image}), 201)


async def send_rubbish(crowd: Crowd, number: int) -> None:
    body = (b"", b"{", b"[]", b'{"prompt": 5}', b'{"prompt": "x", "width": 1e9}', b"\xff" * 1000)[number % 6]
    headers = {
        "Content-Type": ("application/json", "text/plain", "application/x-www-form-urlencoded")[number % 3]
    }
    for path in (GENERATE, "/images/"):
        crowd.check("rubbish", await crowd.http.post(path, content=body, headers=headers), 400, 415)


async def ask_for_what_is_not_there(crowd: Crowd, number: int) -> None:
    path = ("/nowhere/", "/jobs/1/", "/jobs/00000000-0000-0000-0000-000000000000/stream/")[number % 3]
    crowd.check("unknown", await crowd.http.get(path), 404)
    crowd.check("wrong verb", await crowd.http.put("/jobs/"), 405)
    crowd.check("list", await crowd.http.get("/jobs/", params={"limit": 100}), 200)


KINDS: list[Callable[[Crowd, int], Awaitable[None]]] = [
    paint,
    paint_and_hang_up,
    paint_twice_with_a_key,
    poll_and_delete,
    read_a_stream,
    open_a_socket,
    cancel,
    upload,
    send_rubbish,
    ask_for_what_is_not_there,
]


async def crowd_of(studio: Studio) -> Crowd:
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=studio.api, timeout=300, limits=limits) as http:
        crowd = Crowd(studio, http)
        rounds = range(CLIENTS // len(KINDS))
        await asyncio.gather(*(come(crowd, number) for number in rounds for come in KINDS))
    return crowd


def rows(studio: Studio, query: str) -> list[Any]:
    with closing(sqlite3.connect(studio.root / "state" / "db.sqlite3", timeout=20)) as database:
        return [row[0] for row in database.execute(query)]


def open_files(process: psutil.Process) -> int:
    """Descriptors, but for those of the database that SQLite keeps for its next connections."""
    return process.num_fds() - sum(file.path.endswith(".sqlite3") for file in process.open_files())


def has_settled(process: psutil.Process, threads: int, files: int) -> bool:
    return process.num_threads() <= threads and open_files(process) <= files


@pytest.fixture
def studio(new_studio: Callable[..., Studio]) -> Iterator[Studio]:
    return new_studio(STUDIO_SSE_KEEPALIVE="2")


def test_two_hundred_clients_break_nothing_and_leave_nothing(studio: Studio) -> None:
    with studio.client() as client:
        warm = [client.post(GENERATE, json={"prompt": "warm", "seed": 1}) for _ in range(2)]
        picture = warm[1].json()["image_bytes"]
    server, worker = psutil.Process(studio.process.pid), studio.worker()
    before = {process: (process.num_threads(), open_files(process)) for process in (server, worker)}

    crowd = asyncio.run(asyncio.wait_for(crowd_of(studio), 400))

    assert crowd.wrong == [], crowd.seen
    for kind in ("hung up", "stream dropped", "stream ended with done", "socket", "polled done"):
        assert crowd.seen[kind], f"nobody did this: {kind} ({crowd.seen})"
    unfinished = "select id from jobs_job where status in ('queued', 'processing')"
    wait_until(lambda: not rows(studio, unfinished), seconds=60)
    assert rows(studio, "select id from jobs_job where waiter <> ''") == []
    with studio.client() as client:
        for process, (threads, files) in before.items():
            settled = partial(has_settled, process, threads + THREADS_SPARE, files + FILES_SPARE)
            wait_until(lambda ready=settled: client.get(f"{studio.url}/health").is_success and ready())
    assert worker == studio.worker(), "it was never restarted"
    known = {*rows(studio, "select file from images_storedimage"), *rows(studio, KEPT_ANSWERS)}
    media = studio.root / "media"
    assert {str(file.relative_to(media)) for file in media.rglob("*") if file.is_file()} == known
    assert "database is locked" not in studio.log.read_text()
    with studio.client() as client:
        after = client.post(GENERATE, json={"prompt": "warm", "seed": 1})
        assert after.json()["image_bytes"] == picture
        assert client.get(f"{studio.url}/health/ready/").status_code == 200
