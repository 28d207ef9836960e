"""Models where they are installed: chosen by themselves, run in tiles and crops, told of in the answer."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.image_processing.engines.onnx_super_resolution import OnnxSuperResolver
from apps.image_processing.engines.upscaling import super_resolve
from apps.image_processing.tests import made
from apps.image_processing.tests.calls import ask, noise, pixels, shown
from core.exceptions import OperationFailed
from core.jobs.tests.studio import Studio

ENTRY = """
[[model]]
id = "{id}"
task = "{task}"
family = "test"
loader = "onnx.{task}"
source = {{ path = "{folder}" }}
licence = "{licence}"
licence_url = "https://example.com/licence"
commercial_use = {free}
description = "Made for this test."
"""


def entry(folder: Path, task: str, *, licence: str = "MIT") -> str:
    free = "true" if licence == "MIT" else "false"
    return ENTRY.format(id=folder.name, task=task, folder=folder, licence=licence, free=free)


@pytest.fixture(scope="module")
def client(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A studio with models of its own: those first named are what `auto` chooses."""
    root = tmp_path_factory.mktemp("models")
    made.super_resolver(root / "closed-x4", scale=4)
    made.super_resolver(root / "inverted-x4", scale=4)
    made.super_resolver(root / "fixed-x2", scale=2, side=64)
    made.inpainter(root / "brightest")
    made.inpainter(root / "brightest-of-one", full_scale=False)
    (root / "broken").mkdir()
    (root / "broken" / "model.onnx").write_bytes(b"no model")
    catalogue = studio.root / "state" / "models" / "catalogue.toml"
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    before = catalogue.read_text() if catalogue.exists() else ""
    catalogue.write_text(
        before
        + entry(root / "closed-x4", "super-resolution", licence="LicenseRef-closed")
        + entry(root / "gone", "super-resolution")
        + entry(root / "inverted-x4", "super-resolution")
        + entry(root / "fixed-x2", "super-resolution")
        + entry(root / "broken", "super-resolution")
        + entry(root / "brightest", "object-removal")
        + entry(root / "brightest-of-one", "object-removal")
    )
    with studio.client() as client:
        yield client
    catalogue.write_text(before)  # the next tests are to find the studio as it was


def enlarged(image: Image.Image, scale: int) -> np.ndarray[Any, Any]:
    """What the made models do, at one go."""
    return 255 - pixels(image).repeat(scale, axis=0).repeat(scale, axis=1)


@pytest.mark.parametrize("size", [(700, 300), (64, 64), (257, 31), (1, 1)])
@pytest.mark.parametrize("model", ["auto", "inverted-x4"])
def test_a_model_enlarges_in_tiles_without_a_seam(
    client: httpx2.Client, size: tuple[int, int], model: str
) -> None:
    image = noise(*size)
    response = ask(client, "upscale", image=image, scale=4, model=model)
    assert response.status_code == 200, response.text
    assert response.json()["model_used"] == "inverted-x4", "one whose licence is not accepted is not chosen"
    assert (pixels(shown(response.json()["image_bytes"])) == enlarged(image, 4)).all()


def test_a_model_of_another_factor_is_brought_to_the_scale(client: httpx2.Client) -> None:
    image = noise(300, 200)
    half = ask(client, "upscale", image=image, scale=2, model="inverted-x4").json()
    assert (pixels(shown(half["image_bytes"])) == enlarged(image, 2)).all()
    smooth = Image.linear_gradient("L").resize((100, 80)).convert("RGB")
    more = shown(ask(client, "upscale", image=smooth, scale=4, model="fixed-x2").json()["image_bytes"])
    assert more.size == (400, 320)
    assert np.abs(pixels(more) - enlarged(smooth, 4)).mean() < 3


@pytest.mark.parametrize("size", [(200, 150), (64, 64), (30, 20)])
def test_a_model_with_a_fixed_input_gets_tiles_of_it(client: httpx2.Client, size: tuple[int, int]) -> None:
    image = noise(*size)
    response = ask(client, "upscale", image=image, scale=2, model="fixed-x2").json()
    assert (pixels(shown(response["image_bytes"])) == enlarged(image, 2)).all()


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_a_model_enlarges_grey_and_transparent_pictures(client: httpx2.Client, mode: str) -> None:
    image = noise(40, 30, mode)
    found = shown(ask(client, "upscale", image=image, scale=4).json()["image_bytes"])
    assert found.mode == mode
    if mode == "RGBA":
        alpha = image.getchannel("A").resize((160, 120), Image.Resampling.LANCZOS)
        assert (pixels(found)[..., 3] == pixels(alpha)).all()


def test_half_precision(tmp_path: Path) -> None:
    made.super_resolver(tmp_path, scale=2, half=True)
    image = noise(50, 40)
    found = super_resolve(image, 2, OnnxSuperResolver(tmp_path, "cpu"), lambda done, of: None)
    assert np.abs(pixels(found) - enlarged(image, 2)).max() <= 1


@pytest.mark.parametrize("model", ["auto", "brightest", "brightest-of-one"])
@pytest.mark.parametrize("size", [(300, 200), (40, 900), (1600, 1200)])
def test_a_model_fills_the_hole_and_only_that(
    client: httpx2.Client, model: str, size: tuple[int, int]
) -> None:
    """Around the hole nothing is brighter than 140: that is what the model fills it with."""
    grain = np.random.default_rng(5).integers(100, 141, (size[1], size[0], 3), np.uint8)
    grain[::7, ::7] = 140
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[size[1] // 4 : size[1] // 2, size[0] // 4 : size[0] // 2] = 255
    before = grain.copy()
    before[mask > 0] = (140, 0, 0)
    response = ask(
        client, "remove-object", image=Image.fromarray(before), mask=Image.fromarray(mask), model=model
    )
    assert response.status_code == 200, response.text
    assert response.json()["model_used"] == ("brightest" if model == "auto" else model)
    after = pixels(shown(response.json()["image_bytes"]))
    assert (after[mask == 0] == before[mask == 0]).all()
    assert np.abs(after[mask > 0] - 140).max() <= 25, "smaller copies average, and cubic overshoots"


def test_a_picture_that_a_model_had_a_part_in_says_so(client: httpx2.Client) -> None:
    for path, fields in (("upscale", {"scale": 2}), ("pipeline", {"steps": [{"op": "upscale", "scale": 2}]})):
        answer = ask(client, path, image=noise(20, 20), **fields).json()
        data = base64.b64decode(answer["image_bytes"])
        assert b"digitalsourcetype/compositeWithTrainedAlgorithmicMedia" in data
    plain = ask(client, "upscale", image=noise(20, 20), scale=2, model="lanczos").json()
    assert b"digitalsourcetype/algorithmicallyEnhanced" in base64.b64decode(plain["image_bytes"])


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("closed-x4", 403, "licence_not_accepted"),
        ("gone", 503, "model_missing"),
        ("broken", 500, "broken_model"),
        ("brightest", 400, "invalid"),
    ],
)
def test_a_model_that_cannot_be_used_says_why(
    client: httpx2.Client, model: str, status: int, code: str
) -> None:
    response = ask(client, "upscale", image=noise(20, 20), scale=2, model=model)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_file_of_another_signature_is_refused(tmp_path: Path) -> None:
    made.inpainter(tmp_path)
    with pytest.raises(OperationFailed) as caught:
        OnnxSuperResolver(tmp_path, "cpu")
    assert caught.value.error_code == "broken_model"
    made.super_resolver(tmp_path / "none", scale=2)
    (tmp_path / "none" / "model.onnx").unlink()
    with pytest.raises(OperationFailed):
        OnnxSuperResolver(tmp_path / "none", "cpu")
