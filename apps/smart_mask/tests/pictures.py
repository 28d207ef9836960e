"""Painted pictures of which the right mask is known, and the photos that lie beside the real weights."""

import base64
import io
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from apps.smart_mask.segmenting import Flags, Pixels

# The photos' folder, wherever the real weights are.
_SHARED = Path(os.environ.get("STUDIO_TEST_WEIGHTS") or Path(settings.BASE_DIR).parent / "shared")
PHOTOS = _SHARED / "photos"
needs_photos = pytest.mark.skipif(
    not PHOTOS.is_dir(), reason="there are no photos in STUDIO_TEST_WEIGHTS, or in a folder shared/"
)


def ball(
    width: int = 160, height: int = 120, *, centre: tuple[int, int] = (60, 50), radius: int = 30
) -> Pixels:
    """A red ball on a green lawn, both with a little noise."""
    noise = np.random.default_rng(0).integers(-12, 13, (height, width, 3))
    lawn = np.full((height, width, 3), (70, 150, 60))
    lawn[ball_flags(width, height, centre=centre, radius=radius)] = (200, 40, 50)
    return np.clip(lawn + noise, 0, 255).astype(np.uint8)


def ball_flags(
    width: int = 160, height: int = 120, *, centre: tuple[int, int] = (60, 50), radius: int = 30
) -> Flags:
    """Where the ball is."""
    drawn = np.zeros((height, width), np.uint8)
    cv2.circle(drawn, centre, radius, 1, -1)
    return drawn.astype(bool)


def iou(one: Flags, other: Flags) -> float:
    """How well two masks agree: 1 exactly, 0 not at all."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def png(pixels: Any, mode: str | None = None) -> bytes:
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    (image.convert(mode) if mode else image).save(out, "PNG")
    return out.getvalue()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def photo(name: str) -> Pixels:
    return np.asarray(Image.open(PHOTOS / name).convert("RGB"))


def opened(data: bytes | str) -> Image.Image:
    """The picture in bytes or in base64."""
    image = Image.open(io.BytesIO(base64.b64decode(data) if isinstance(data, str) else data))
    image.load()
    return image
