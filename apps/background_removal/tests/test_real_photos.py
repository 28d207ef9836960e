"""Real photos: as good as rembg with its weights, and what is to be had without any."""

import shutil
from collections.abc import Iterator

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.background_removal.tests.pictures import (
    decoded,
    file_of,
    iou,
    needs_weights,
    photos,
    pixels,
    weights,
)
from core.jobs.tests.studio import Studio

pytestmark = needs_weights

# The photos whose cut-outs by rembg itself are at hand.
NAMES = ("car-1", "anime-girl-1")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    studio = Studio(tmp_path_factory.mktemp("photos"))
    file = studio.root / "state" / "models" / "rembg" / "models" / "u2netp" / "u2netp.onnx"
    file.parent.mkdir(parents=True)
    shutil.copy(weights() / "rembg" / "u2netp.onnx", file)
    with studio.start().client() as client:
        yield client
    studio.close()


def cut(client: httpx2.Client, photo: bytes, **fields: str) -> Image.Image:
    response = client.post(
        "/background-removal/remove/",
        files={"image": ("photo", photo)},
        data=fields,
        headers={"Accept": "image/png"},
    )
    assert response.status_code == 200, response.text
    return decoded(response.content)


def expected(name: str, model: str) -> Image.Image:
    return Image.open(photos() / "cutout" / "expected" / f"{name}.{model}.png")


@pytest.mark.parametrize("name", NAMES)
def test_u2netp_gives_what_rembg_gives(client: httpx2.Client, name: str) -> None:
    made = cut(client, (photos() / "cutout" / f"{name}.jpg").read_bytes(), model="auto")
    theirs = expected(name, "u2netp")
    ours_alpha, their_alpha = (pixels(picture)[..., 3] for picture in (made, theirs))
    assert iou(ours_alpha > 127, their_alpha > 127) >= 0.99
    assert np.abs(ours_alpha - their_alpha).mean() <= 1
    # rembg darkens what is half transparent: its colours are those of ours on black.
    on_black = pixels(made)[..., :3] * (ours_alpha[..., None] / 255)
    assert np.abs(on_black - pixels(theirs)[..., :3]).mean() <= 1


def test_grabcut_finds_most_of_the_subject_without_any_weights(client: httpx2.Client) -> None:
    found = []
    for name in NAMES:
        photo = (photos() / "cutout" / f"{name}.jpg").read_bytes()
        alpha = pixels(cut(client, photo, model="grabcut"))[..., 3]
        found.append(iou(alpha > 127, pixels(expected(name, "birefnet-general"))[..., 3] > 127))
    assert np.mean(found) >= 0.75


@pytest.mark.parametrize("path", ["cutout/animal-1.jpg", "objects/coffee.png", "objects/truck.jpg"])
def test_grabcut_and_u2netp_see_the_same_subject(client: httpx2.Client, path: str) -> None:
    photo = file_of(Image.open(photos() / path).convert("RGB"))
    one, other = (pixels(cut(client, photo, model=model))[..., 3] > 127 for model in ("grabcut", "u2netp"))
    assert iou(one, other) >= 0.75
