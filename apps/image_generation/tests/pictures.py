"""Pictures as a client sends and gets them."""

import base64
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from PIL import Image, ImageDraw

Array = np.ndarray[Any, Any]


def encoded(picture: Image.Image) -> str:
    """PNG in base64."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def decoded(text: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(text)))
    image.load()
    return image


def pixels(picture: Image.Image) -> Array:
    return np.asarray(picture.convert("RGB")).astype(int)


def disc(size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    """A mask: a white ellipse on black."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


def outside(mask: Image.Image) -> Array:
    return np.asarray(mask) <= 127


def photos() -> Path:
    """Where the photographs for tests are; the folder may be missing."""
    beside = Path(settings.BASE_DIR).parent / "shared"
    weights = os.environ.get("STUDIO_TEST_WEIGHTS")
    return (Path(weights).parent if weights else beside) / "photos"
