"""Training a LoRA over HTTP, on a real server with the starter model."""

import base64
import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from apps.image_generation.tests import lessons, lora_files
from core.jobs.tests.studio import Studio, events, wait_until

TRAIN = "/image-generation/train/"
ASYNC = "/image-generation/train/async/"
GENERATE = "/image-generation/generate/"
LORAS = "/image-generation/loras/"
SAMPLES = {
    "prompt": "a picture in the style of sks",
    "negative_prompt": "",
    "num_inference_steps": 2,
    "guidance_scale": 3.0,
    "seed": 3,
    "width": 256,
    "height": 256,
    "lora_scale": 1.0,
}


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def request(number_of_pictures: int = 2, **fields: Any) -> dict[str, Any]:
    pictures = [lessons.encoded(lessons.rings(number)) for number in range(number_of_pictures)]
    quick = {"max_train_steps": 4, "rank": 2, "batch_size": 1, "sample_every": 2}
    body = {**SAMPLES, **quick, "images": pictures, **fields}
    return {name: value for name, value in body.items() if value is not None}


def submit(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    response = client.post(ASYNC, json=request(**fields))
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.json()
    return job


def state(client: httpx2.Client, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/jobs/{job['task_id']}/").json()
    return found


def ended(client: httpx2.Client, job: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        now = state(client, job)
        return now if now["status"] in {"done", "error", "cancelled"} else None

    return wait_until(look, seconds)


def cancel(client: httpx2.Client, job: dict[str, Any]) -> None:
    client.post(f"/jobs/{job['task_id']}/cancel/")
    ended(client, job)


def names(client: httpx2.Client) -> set[str]:
    return {each["name"] for each in client.get(LORAS).json()}


def picture(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def stream(client: httpx2.Client, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    got, name = [], ""
    with client.stream("POST", TRAIN, json=body) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                got.append((name, json.loads(value)))
    return got


def test_a_training_is_streamed_and_its_lora_can_be_painted_with(client: httpx2.Client) -> None:
    got = stream(client, request(name="rings-1", captions=["two rings", "sks"]))

    assert [name for name, data in got if "loss" in data or name != "progress"] == [
        "accepted", "progress", "progress", "sample", "progress", "progress", "sample", "complete"
    ]  # fmt: skip
    steps = [data for name, data in got if name == "progress" and "loss" in data]
    assert [data["step"] for data in steps] == [1, 2, 3, 4]
    assert all(data["loss"] > 0 and data["eta"] >= 0 and data["total_steps"] == 4 for data in steps)
    assert [data["progress"] for data in steps] == [0.25, 0.5, 0.75, 1.0]
    samples = [data for name, data in got if name == "sample"]
    assert [data["index"] for data in samples] == [0, 1]
    assert picture(samples[0]["image"]).size == (256, 256)
    assert got[0][1]["lora"] == got[-1][1]["lora"] == "rings-1"

    found = {each["name"]: each for each in client.get(LORAS).json()}["rings-1"]
    assert (found["base_model"], found["family"], found["rank"]) == ("starter", "stable-diffusion", 2)
    assert found["trigger"] == SAMPLES["prompt"]
    asked = {
        "prompt": SAMPLES["prompt"],
        "seed": SAMPLES["seed"],
        "num_inference_steps": 2,
        "guidance_scale": 3.0,
    }
    plain = client.post(GENERATE, json=asked).json()
    adapted = client.post(GENERATE, json={**asked, "loras": [{"name": "rings-1"}]}).json()
    # The last sample is what anybody paints with the file: nothing was lost on the way.
    last = np.asarray(picture(samples[-1]["image"]))
    assert np.array_equal(np.asarray(picture(adapted["image_bytes"])), last)
    assert not np.array_equal(np.asarray(picture(plain["image_bytes"])), last)


def test_the_job_has_the_usual_ending_and_result(client: httpx2.Client) -> None:
    job = submit(client, sample_every=None, name="rings-2")

    got = list(events(client, f"/jobs/{job['task_id']}/stream/"))
    result = client.get(job["links"]["result"]).json()

    assert job["lora"] == "rings-2"
    assert got[-1][1] == "done"
    assert len(result["images"]) == 4, "one a quarter"
    assert result["metadata"]["lora"] == "rings-2"
    assert result["metadata"]["pictures"] == 2


def test_stored_pictures_and_forms_do_as_well(client: httpx2.Client) -> None:
    ids = [
        client.post("/images/", json={"image": lessons.encoded(lessons.rings(number))}).json()["image_id"]
        for number in range(2)
    ]
    by_id = submit(client, images=None, image_ids=ids, max_train_steps=1, sample_every=1)
    files = [("images", (f"{number}.png", _png(number), "image/png")) for number in range(3)]
    fields = {name: str(value) for name, value in SAMPLES.items()} | {"max_train_steps": "1", "rank": "2"}
    form = client.post(ASYNC, data=fields, files=files)

    assert form.status_code == 202, form.text
    assert ended(client, by_id)["status"] == "done"
    assert ended(client, form.json())["status"] == "done"
    assert client.get(form.json()["links"]["result"]).json()["metadata"]["pictures"] == 3


def test_samples_move_towards_the_pictures(client: httpx2.Client) -> None:
    fields = {"max_train_steps": 24, "sample_every": 12, "rank": 4, "batch_size": 2}
    got = stream(client, request(6, **fields, num_inference_steps=6, guidance_scale=5.0))

    asked = {**{name: SAMPLES[name] for name in ("prompt", "seed")}, "num_inference_steps": 6}
    before = lessons.distance(picture(client.post(GENERATE, json=asked).json()["image_bytes"]))
    after = [lessons.distance(picture(data["image"])) for name, data in got if name == "sample"]

    assert before > 60
    assert after[0] < 0.8 * before
    assert after[1] < 0.6 * before


@pytest.mark.slow
def test_a_hundred_steps_take_about_a_minute(client: httpx2.Client) -> None:
    started = time.monotonic()
    fields = {"max_train_steps": 100, "sample_every": 50, "rank": 8, "batch_size": 4}
    got = stream(client, request(6, **fields, num_inference_steps=15, guidance_scale=5.0))

    assert time.monotonic() - started < 90
    assert lessons.distance(picture([data for name, data in got if name == "sample"][-1]["image"])) < 20


def test_others_paint_meanwhile_and_a_second_training_waits(client: httpx2.Client) -> None:
    asked = {"prompt": "a red ball", "seed": 5, "num_inference_steps": 3}
    alone = client.post(GENERATE, json=asked).json()["image_bytes"]
    long = submit(client, max_train_steps=2000, sample_every=1000, name="long")
    second = submit(client, name="second")
    wait_until(lambda: state(client, long)["current_step"] > 2)

    beside = client.post(GENERATE, json=asked).json()["image_bytes"]
    now = state(client, long)

    assert beside == alone, "whoever paints sees nothing of a training"
    assert now["status"] == "processing"
    assert state(client, second)["status"] == "queued"
    wait_until(lambda: state(client, long)["current_step"] > now["current_step"])
    cancel(client, long)
    assert state(client, long)["status"] == "cancelled"
    assert ended(client, second)["status"] == "done"
    assert "long" not in names(client)


def test_a_client_that_goes_away_does_not_stop_it(client: httpx2.Client) -> None:
    with client.stream("POST", TRAIN, json=request(name="left-alone", max_train_steps=6)) as response:
        next(response.iter_lines())

    wait_until(lambda: "left-alone" in names(client))


@pytest.mark.timeout(300)  # two servers and three workers start, on a machine that may be busy
def test_killed_it_goes_on_from_its_checkpoint_to_the_very_same_lora(
    client: httpx2.Client, studio: Studio, new_studio: Callable[..., Studio]
) -> None:
    fields = {"max_train_steps": 34, "sample_every": 20, "num_inference_steps": 1}
    uninterrupted = submit(client, name="same", **fields)
    victim = new_studio()
    with victim.client() as its_client:
        job = submit(its_client, name="same", **fields)
        checkpoints = victim.root / "state" / "training"
        wait_until(lambda: list(checkpoints.glob(f"{job['task_id']}.checkpoint")), 120)

        os.kill(victim.worker().pid, signal.SIGKILL)
        after = ended(its_client, job, 120)

    assert (after["status"], after["attempt"]) == ("done", 2)
    assert "training_goes_on" in victim.log.read_text()
    assert ended(client, uninterrupted)["status"] == "done"
    file = Path("state", "models", "loras", "same.safetensors")
    whole, killed = load_file(studio.root / file), load_file(victim.root / file)
    assert whole.keys() == killed.keys()
    assert all(np.array_equal(whole[name], killed[name]) for name in whole)
    assert not list(checkpoints.iterdir()), "nothing is left behind"


def test_what_a_cancelled_training_leaves_is_swept_by_the_next(client: httpx2.Client, studio: Studio) -> None:
    checkpoints = studio.root / "state" / "training"
    job = submit(client, max_train_steps=2000, sample_every=1000)
    wait_until(lambda: list(checkpoints.glob(f"{job['task_id']}.checkpoint")))
    cancel(client, job)

    ended(client, submit(client, max_train_steps=1, sample_every=1))

    assert not list(checkpoints.glob("*"))


def test_a_damaged_checkpoint_begins_anew(client: httpx2.Client, studio: Studio) -> None:
    # A second training waits behind a long one, so its checkpoint can be put there before it begins.
    first = submit(client, max_train_steps=2000, sample_every=1000)
    job = submit(client, name="begun-anew")
    checkpoints = studio.root / "state" / "training"
    wait_until(lambda: state(client, first)["current_step"] > 0)
    checkpoints.mkdir(exist_ok=True)
    (checkpoints / f"{job['task_id']}.checkpoint").write_bytes(b"not a checkpoint")
    cancel(client, first)

    assert ended(client, job)["status"] == "done"
    assert "begun-anew" in names(client)


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"images": None}, 400, "images"),
    ({"images": []}, 400, "images"),
    ({"images": ["bm90IGEgcGljdHVyZQ=="]}, 400, "images"),
    ({"image_ids": ["00000000-0000-4000-8000-000000000000"], "images": None}, 400, "image_ids"),
    ({"dataset_id": "00000000-0000-4000-8000-000000000000"}, 400, "images"),
    ({"captions": ["one", "two"]}, 400, "captions"),
    ({"name": "../evil"}, 400, "name"),
    ({"name": "a b"}, 400, "name"),
    ({"model": "no-such-model"}, 400, "model"),
    ({"rank": 0}, 400, "rank"),
    ({"learning_rate": 1}, 400, "learning_rate"),
    ({"max_train_steps": 1000, "sample_every": 1}, 400, "sample_every"),
    ({"prompt": None}, 400, "prompt"),
    ({"lora_scale": None}, 400, "lora_scale"),
    ({"epochs": 3}, 400, "epochs"),
]


@pytest.mark.parametrize(("fields", "status", "field"), REFUSED)
def test_rubbish_is_refused_by_name(
    client: httpx2.Client, fields: dict[str, Any], status: int, field: str
) -> None:
    for path in (TRAIN, ASYNC):
        response = client.post(path, json=request(1, **fields))

        assert response.status_code == status, response.text
        assert any(name.startswith(field) for name in response.json()["errors"]), response.text


def test_pictures_that_would_fill_the_memory_are_refused(client: httpx2.Client) -> None:
    file = io.BytesIO()
    Image.new("L", (7000, 7000)).save(file, "PNG")  # 49 million pixels in 50 kB
    bomb = base64.b64encode(file.getvalue()).decode()

    response = client.post(ASYNC, json=request(images=[bomb] * 11), timeout=120)

    assert (response.status_code, response.json()["code"]) == (413, "too_many_pixels")


def test_another_ones_pictures_are_unknown(client: httpx2.Client) -> None:
    gone = "00000000-0000-4000-8000-000000000000"

    response = client.post(ASYNC, json=request(images=None, image_ids=[gone]))

    assert (response.status_code, response.json()["code"]) == (400, "unknown_image")


def test_a_key_for_retries_belongs_to_the_async_call(client: httpx2.Client) -> None:
    key = {"Idempotency-Key": "train-once"}
    refused = client.post(TRAIN, json=request(), headers=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "not_replayable")

    key = {"Idempotency-Key": "train-once-async"}
    first, second = (client.post(ASYNC, json=request(), headers=key) for _ in range(2))

    assert first.json()["task_id"] == second.json()["task_id"]
    ended(client, first.json())


def test_without_a_place_for_the_lora_nothing_is_trained(new_studio: Callable[..., Studio]) -> None:
    studio = new_studio()
    (studio.root / "state" / "models").mkdir(parents=True, exist_ok=True)
    (studio.root / "state" / "models" / "loras").write_text("in the way")
    with studio.client() as client:
        job = ended(client, submit(client))

    assert (job["status"], job["error"]["code"]) == ("error", "loras_not_writable")
    assert job["images"][0]["status"] == "error", "not one step was taken"


def test_a_name_that_is_taken_is_refused(client: httpx2.Client, studio: Studio) -> None:
    lora_files.write(Path(studio.root / "state" / "models" / "loras"), "taken")
    waiting = submit(client, name="in-training", max_train_steps=2000, sample_every=1000)

    for name in ("taken", "in-training"):
        response = client.post(ASYNC, json=request(name=name))
        assert (response.status_code, response.json()["code"]) == (409, "name_taken")
    cancel(client, waiting)


def _png(number: int) -> bytes:
    return base64.b64decode(lessons.encoded(lessons.rings(number)))
