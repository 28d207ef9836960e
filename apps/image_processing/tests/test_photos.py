"""Object removal on a real photo: the object is gone, no seam shows, nothing else has changed."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image

from apps.image_processing.tests.calls import ask, pixels, shown
from core.jobs.tests.studio import Studio

_SHARED = Path(os.environ.get("STUDIO_TEST_WEIGHTS") or Path(settings.BASE_DIR).parent / "shared")
PHOTOS = _SHARED / "photos" / "inpaint"

pytestmark = [
    pytest.mark.weights,
    pytest.mark.skipif(not PHOTOS.is_dir(), reason="there are no photos in STUDIO_TEST_WEIGHTS"),
]


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def dog_on_a_bench(factor: int) -> tuple[Image.Image, Image.Image]:
    """The photo and its mask, enlarged."""
    (mask_file,) = PHOTOS.glob("*_mask.png")
    photo = Image.open(mask_file.with_name(mask_file.name.replace("_mask", ""))).convert("RGB")
    mask = Image.open(mask_file).convert("L").point(lambda value: 255 if value >= 128 else 0)
    size = (photo.width * factor, photo.height * factor)
    mask = mask.resize(size, Image.Resampling.BICUBIC).point(lambda value: 255 if value >= 128 else 0)
    return photo.resize(size, Image.Resampling.LANCZOS), mask


def steps(values: NDArray[np.int64], pairs: NDArray[np.bool_]) -> float:
    """The mean difference between neighbours in a row, where `pairs` says so of the left one."""
    return float(np.abs(np.diff(values, axis=1)).mean(axis=2)[pairs].mean())


@pytest.mark.parametrize("factor", [1, 4])
def test_a_dog_is_removed_from_a_bench(client: httpx2.Client, factor: int) -> None:
    photo, mask = dog_on_a_bench(factor)
    response = ask(client, "remove-object", image=photo, mask=mask)
    assert response.status_code == 200, response.text
    before, after, hole = pixels(photo), pixels(shown(response.json()["image_bytes"])), pixels(mask) > 0

    assert (after[~hole] == before[~hole]).all()
    # The dog is nearly white, and next to nothing is between the fields and the ground.
    below_the_sky = hole & (np.arange(len(hole)) > 150 * factor)[:, None]
    assert (before[below_the_sky].min(axis=1) > 170).mean() > 0.2
    assert (after[below_the_sky].min(axis=1) > 170).mean() < 0.05, "but for some dry grass"
    # No step at the rim that is higher than those the photo has anyway, and no blur within.
    rim = hole[:, 1:] ^ hole[:, :-1]
    inside = hole[:, 1:] & hole[:, :-1]
    usual = steps(before, ~hole[:, 1:] & ~hole[:, :-1])
    # An enlarged photo has hardly any steps of its own.
    assert steps(after, rim) < (1.5 if factor == 1 else 3) * usual
    assert steps(after, inside) > 0.5 * usual
