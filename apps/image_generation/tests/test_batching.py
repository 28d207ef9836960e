"""Batching over HTTP: what an operator sees of it, and a thousand requests that do what clients do."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import psutil
import pytest

from core.jobs.tests.studio import Studio, wait_until

GENERATE = "/image-generation/generate/"
REQUESTS = 1000
CALLERS = 24


def test_an_operator_sees_it_work(studio: Studio) -> None:
    def ask(seed: int) -> int:
        with studio.client() as client:
            body = {"prompt": "a red ball", "num_inference_steps": 6, "seed": seed}
            return client.post(GENERATE, json=body).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(ask, range(6))) == {200}

    def shown() -> dict[str, Any] | None:
        with studio.client() as client:
            batching: dict[str, Any] | None = client.get("/models/starter/").json()["batching"]
        return batching if batching and batching["largest_batch"] > 1 else None

    batching = wait_until(shown)
    assert batching["ticks"] > 0
    assert batching["mean_batch"] > 1
    assert batching["mean_forward_seconds"] > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_requests_are_each_answered_once(new_studio: Callable[..., Studio]) -> None:
    studio = new_studio(STUDIO_MAX_PENDING_PER_OWNER="4096", STUDIO_MAX_QUEUE="4096")
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def call(number: int) -> None:
        outcome = _one(studio, random.Random(number))
        with lock:
            outcomes[outcome] += 1

    with studio.client() as client:
        client.post(GENERATE, json={"prompt": "warm", "num_inference_steps": 2})
        worker = studio.worker()
        _burst(studio)
        before, threads = worker.memory_info().rss, worker.num_threads()

        with ThreadPoolExecutor(CALLERS) as pool:
            list(pool.map(call, range(REQUESTS)))

        wait_until(lambda: _idle(client), seconds=120)
        time.sleep(1)
        assert sum(outcomes.values()) == REQUESTS
        assert not [outcome for outcome in outcomes if outcome.startswith(("5", "unknown"))], outcomes
        assert worker.memory_info().rss < before * 1.25, "memory is back to where it was"
        assert worker.num_threads() <= threads + 4
        assert client.get("/models/starter/").json()["batching"]["mean_batch"] > 1.3
        assert psutil.pid_exists(worker.pid)
        assert (
            client.post(GENERATE, json={"prompt": "still here", "num_inference_steps": 1}).status_code == 200
        )


def _one(studio: Studio, dice: random.Random) -> str:
    """One client, one outcome: answered, refused as it should be, cancelled, or gone."""
    size = dice.choice([128, 256, 256, 320])
    body: dict[str, Any] = {
        "prompt": dice.choice(["a red ball", "a cat", "sunset over mountains"]),
        "num_inference_steps": dice.randint(1, 5),
        "width": size,
        "height": dice.choice([size, 256]),
        "scheduler": dice.choice(["euler", "ddim", "dpm++-2m"]),
        "guidance_scale": dice.choice([1, 3, 5]),
    }
    match dice.randrange(10):
        case 0:
            return _hang_up(studio, body)
        case 1 | 2:
            return _cancel(studio, body)
        case 3:
            body["scheduler"] = "flow-match-euler"  # fails in the worker, alone
    with studio.client() as client:
        response = client.post(GENERATE, json=body)
    expected = 400 if body["scheduler"] == "flow-match-euler" else 200
    return "answered" if response.status_code == expected else f"{response.status_code} {response.text[:200]}"


def _hang_up(studio: Studio, body: dict[str, Any]) -> str:
    try:
        with httpx2.Client(base_url=studio.api, timeout=0.05) as client:
            client.post(GENERATE, json=body)
    except httpx2.TimeoutException:
        return "gone"
    return "answered"


def _cancel(studio: Studio, body: dict[str, Any]) -> str:
    with studio.client() as client:
        task_id = client.post(f"{GENERATE}async/", json=body).json()["task_id"]
        client.post(f"/jobs/{task_id}/cancel/")

        def ended() -> str | None:
            status = client.get(f"/jobs/{task_id}/").json()["status"]
            return status if status in {"done", "cancelled"} else None

        return wait_until(ended, seconds=120)


def _burst(studio: Studio) -> None:
    """Brings the worker to its working size: memory pools, threads."""
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda number: _one(studio, random.Random(-number)), range(60)))


def _idle(client: httpx2.Client) -> bool:
    running = [
        client.get("/jobs/", params={"status": status}).json()["results"]
        for status in ("queued", "processing")
    ]
    return not any(running)
