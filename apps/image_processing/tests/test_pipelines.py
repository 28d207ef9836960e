"""pipeline/: several edits in one job, checked as a whole before any is made."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.image_processing.tests.calls import ask, made, noise, pixels, shown, square_mask
from core.images.tests.pictures import file_of
from core.jobs.tests.studio import Studio


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def test_a_pipeline_is_its_steps_one_after_the_other(client: httpx2.Client) -> None:
    image = noise(64, 48)
    steps = [
        {"op": "crop", "box": [4, 4, 44, 34]},
        {"op": "rotate", "angle": 90},
        {"op": "adjust", "brightness": 0.5},
        {"op": "flip", "direction": "horizontal"},
    ]
    response = ask(client, "pipeline", image=image, steps=steps).json()
    expected = image.crop((4, 4, 44, 34)).transpose(Image.Transpose.ROTATE_270)
    expected = expected.point([value // 2 for value in range(256)] * 3)
    expected = expected.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert (response["width"], response["height"]) == (30, 40)
    assert np.abs(pixels(shown(response["image_bytes"])) - pixels(expected)).max() <= 1
    entry = client.get(f"/image-processing/history/{response['history_id']}/").json()
    assert entry["operation"] == "pipeline"
    assert [step["op"] for step in entry["parameters"]["steps"]] == ["crop", "rotate", "adjust", "flip"]


def test_a_pipeline_takes_every_edit(client: httpx2.Client) -> None:
    image = noise(64, 48)
    steps = [
        {"op": "resize", "width": 60, "height": 40, "mode": "exact"},
        {"op": "white_balance"},
        {"op": "remove_object", "mask": square_mask((60, 40))},
        {"op": "composite", "foreground": Image.new("RGB", (10, 10), "red"), "x": 2, "y": 2},
        {"op": "enhance"},
        {"op": "extract_object", "mask": square_mask((60, 40), 0.5)},
        {"op": "upscale", "scale": 2, "model": "lanczos"},
        {"op": "convert", "output_format": "webp", "quality": 80},
    ]
    found = made(client, "pipeline", image=image, steps=steps)
    assert found.size == (120, 80)
    assert found.mode == "RGBA"
    assert found.format == "WEBP"
    asked = made(client, "pipeline", image=image, steps=steps, output_format="png")
    assert asked.format == "PNG", "the call's own format comes first"


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"op": "resize", "width": 0}, "steps[2].width"),
        ({"op": "resize"}, "steps[2].width"),
        ({"op": "rotate"}, "steps[2].angle"),
        ({"op": "teleport"}, "steps[2].op"),
        ({"angle": 9}, "steps[2].op"),
        ("flip", "steps[2]"),
        ({"op": "crop", "box": [0, 0, 21, 5]}, "steps[2].box"),
        ({"op": "crop", "box": [0, 0, 5, "x"]}, "steps[2].box[3]"),
        ({"op": "flip", "direction": "vertical", "speed": 3}, "steps[2].speed"),
        ({"op": "flip", "direction": "vertical", "image": "x"}, "steps[2].image"),
        ({"op": "remove_object"}, "steps[2].mask"),
        ({"op": "remove_object", "mask": Image.new("L", (64, 48), 255)}, "steps[2].mask"),
        ({"op": "remove_object", "mask": "x"}, "steps[2].mask"),
        ({"op": "extract_object", "mask_id": "6a0d7cb4-5f0e-4d4e-9d0c-7f9d7f0f0f0f"}, "steps[2].mask_id"),
        ({"op": "upscale", "scale": 2, "model": "starter"}, "steps[2].model"),
        ({"op": "convert"}, "steps[2].output_format"),
    ],
)
def test_a_bad_third_step_is_named_before_anything_is_done(
    client: httpx2.Client, step: Any, field: str
) -> None:
    """After the first two the picture has 20 x 10 pixels, which the third is checked against."""
    steps = [
        {"op": "resize", "width": 20, "height": 10, "mode": "exact"},
        {"op": "flip", "direction": "vertical"},
        step,
    ]
    response = ask(client, "pipeline/async", image=noise(64, 48), steps=steps)
    assert response.status_code == 400, response.text
    assert list(response.json()["errors"]) == [field]


def test_a_pipeline_that_grows_beyond_the_limit_is_refused(client: httpx2.Client) -> None:
    steps = [{"op": "upscale", "scale": 4}] * 6
    response = ask(client, "pipeline", image=noise(64, 48), steps=steps)
    assert response.status_code == 413
    assert "steps[3]" in response.json()["errors"]


@pytest.mark.parametrize(
    "steps",
    [
        None,
        [],
        "flip",
        {"op": "flip"},
        [{"op": "flip", "direction": "vertical"}] * 21,
        [{"op": "extract_object", "mask": Image.new("L", (64, 48), 255)}] * 5,
    ],
    ids=["none", "empty", "text", "object", "too many", "too many pictures"],
)
def test_steps_that_are_none_or_too_many_are_refused(client: httpx2.Client, steps: Any) -> None:
    response = ask(client, "pipeline", image=noise(64, 48), **({} if steps is None else {"steps": steps}))
    assert response.status_code == 400, response.text
    assert "steps" in response.json()["errors"]


def test_a_pipeline_in_a_form(client: httpx2.Client) -> None:
    image = noise(20, 10)
    response = client.post(
        "/image-processing/pipeline/",
        data={"steps": json.dumps([{"op": "flip", "direction": "vertical"}])},
        files={"image": ("a.png", file_of(image), "image/png")},
    )
    assert response.status_code == 200, response.text
    assert (pixels(shown(response.json()["image_bytes"])) == pixels(image)[::-1]).all()
