"""Variations of a prompt and of a picture, over HTTP, on a real server."""

from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.image_generation.tests.pictures import decoded, encoded, pixels
from core.jobs.tests.studio import Studio, events

VARY = "/image-generation/generate-variations/"
QUICK = {"num_inference_steps": 4}


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


@pytest.fixture(scope="module")
def scene(client: httpx2.Client) -> Image.Image:
    body = {"prompt": "green hills", "seed": 5}
    answer = client.post("/image-generation/generate/", json=body).json()
    return decoded(answer["image_bytes"]).convert("RGB")


def vary(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    response = client.post(VARY, json={**QUICK, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_variations_of_a_prompt_are_its_pictures_with_other_seeds(client: httpx2.Client) -> None:
    answer = vary(client, prompt="a red heart", num_variations=2, seed=7, deterministic=True)
    body = {"prompt": "a red heart", "seed": 8, **QUICK}
    second = client.post("/image-generation/generate/", json=body).json()["image_bytes"]

    assert [each["seed"] for each in answer["variations"]] == [7, 8]
    assert answer["variations"][1]["image_bytes"] == second
    assert answer["metadata"]["model"] == "starter"


def test_four_unless_said_otherwise(client: httpx2.Client) -> None:
    assert len(vary(client, prompt="a red heart", num_inference_steps=1)["variations"]) == 4


def test_variations_of_a_picture_stay_near_it_the_nearer_the_less_strength(
    client: httpx2.Client, scene: Image.Image
) -> None:
    def distances(strength: float) -> list[float]:
        answer = vary(
            client,
            prompt="green hills",
            image=encoded(scene),
            strength=strength,
            num_variations=2,
            seed=1,
            num_inference_steps=8,
        )
        assert answer["parameters_used"]["strength"] == strength
        return [
            float(np.abs(pixels(decoded(each["image_bytes"])) - pixels(scene)).mean())
            for each in answer["variations"]
        ]

    little, much = distances(0.2), distances(0.9)
    assert max(little) < min(much)
    assert len({*little, *much}) == 4, "each is another picture"


def test_they_have_the_pictures_size_also_without_words(client: httpx2.Client, scene: Image.Image) -> None:
    wide = scene.resize((400, 300))
    answer = vary(client, image=encoded(wide), num_variations=1, num_inference_steps=2)

    assert decoded(answer["variations"][0]["image_bytes"]).size == (400, 300)


def test_a_job_shows_each_as_it_is_finished(client: httpx2.Client, scene: Image.Image) -> None:
    body = {"image": encoded(scene), "num_variations": 2, **QUICK}
    job = client.post(f"{VARY}async/", json=body).json()
    names = [name for _, name, _ in events(client, f"/jobs/{job['task_id']}/stream/")]

    assert job["kind"] == "image_generation.vary"
    assert names.count("image") == 2
    assert names[-1] == "done"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "prompt"),
        ({"prompt": "x", "strength": 0.5}, "strength"),
        ({"prompt": "x", "num_variations": 9}, "num_variations"),
        ({"prompt": "x", "num_images": 2}, "num_images"),
        ({"image": "aGVsbG8="}, "image"),
    ],
)
def test_bad_input_is_refused_by_name(client: httpx2.Client, fields: dict[str, Any], field: str) -> None:
    response = client.post(VARY, json=fields)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
