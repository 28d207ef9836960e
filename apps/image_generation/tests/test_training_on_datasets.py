"""Training on a dataset, which another app makes: over HTTP, from the set to the LoRA."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from core.jobs.tests.studio import Studio, wait_until

SAMPLES = {
    "prompt": "a red apple",
    "negative_prompt": "",
    "num_inference_steps": 1,
    "guidance_scale": 3.0,
    "seed": 1,
    "width": 256,
    "height": 256,
    "lora_scale": 1.0,
}


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def test_a_set_is_trained_on_with_its_captions(client: httpx2.Client) -> None:
    made = client.post(
        "/datasets/generate/", json={"class_label": "apple", "output_size": 3, "num_inference_steps": 1}
    )
    assert made.status_code < 300, made.text
    quick = {"max_train_steps": 2, "rank": 2, "batch_size": 2, "sample_every": 2}

    job = client.post(
        "/image-generation/train/async/", json={**SAMPLES, **quick, "dataset_id": made.json()["id"]}
    )

    assert job.status_code == 202, job.text

    def ended() -> Any:
        now = client.get(f"/jobs/{job.json()['task_id']}/").json()
        return now if now["status"] in {"done", "error"} else None

    assert wait_until(ended)["status"] == "done"
    result = client.get(job.json()["links"]["result"]).json()
    assert result["metadata"]["pictures"] == 3


def test_another_ones_set_is_unknown(client: httpx2.Client) -> None:
    gone = "00000000-0000-4000-8000-000000000000"

    response = client.post("/image-generation/train/async/", json={**SAMPLES, "dataset_id": gone})

    assert response.status_code == 404
