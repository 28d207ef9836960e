"""Pictures whose subject is known, and what to see in the answers."""

import base64
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image

SUBJECT, BEHIND = (255, 250, 240), (20, 40, 60)
# left, top, right, bottom of the subject of `scene()`, in its 96 x 64 pixels.
BOX = (24, 16, 72, 48)

Array = NDArray[Any]


def scene(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A bright block on a dark ground."""
    picture = Image.new("RGB", (96, 64), BEHIND)
    picture.paste(SUBJECT, BOX)
    return picture.resize(size, Image.Resampling.NEAREST)


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> str:
    return base64.b64encode(file_of(picture, kind, **options)).decode()


def file_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def decoded(data: str | bytes) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(data) if isinstance(data, str) else data))
    image.load()
    return image


def pixels(picture: Image.Image) -> Array:
    return np.asarray(picture).astype(int)


def inside(array: Array, margin: int = 3) -> Array:
    """The part of `array` (of the size of a `scene()`) that is surely subject."""
    left, top, right, bottom = BOX
    return array[top + margin : bottom - margin, left + margin : right - margin]


def outside(array: Array, margin: int = 3) -> Array:
    """The pixels of `array` that are surely not, one after the other."""
    left, top, right, bottom = BOX
    away = np.ones(array.shape[:2], bool)
    away[top - margin : bottom + margin, left - margin : right + margin] = False
    return array[away]


def iou(one: Array, other: Array) -> float:
    return float((one & other).sum() / (one | other).sum())


def weights() -> Path:
    """Where the real weights for tests are; the folder may be missing."""
    given = os.environ.get("STUDIO_TEST_WEIGHTS")
    return Path(given) if given else Path(settings.BASE_DIR).parent / "shared" / "weights"


def photos() -> Path:
    """The photographs beside them."""
    return weights().parent / "photos"


needs_weights = [
    pytest.mark.weights,
    pytest.mark.skipif(
        not (weights() / "rembg" / "u2netp.onnx").is_file(),
        reason="needs rembg/u2netp.onnx in STUDIO_TEST_WEIGHTS, and the photos beside it",
    ),
]
