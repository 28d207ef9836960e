"""Pictures with faces in them, and where the real weights are."""

import base64
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from django.conf import settings
from PIL import Image

from apps.face_swap.faces import Pixels
from core.images.tests.pictures import file_of, opened

_SHARED = Path(os.environ.get("STUDIO_TEST_WEIGHTS") or Path(settings.BASE_DIR).parent / "shared")
PHOTOS = _SHARED / "photos"
WEIGHTS = _SHARED / "weights"
YUNET = WEIGHTS / "opencv" / "face_detection_yunet_2023mar.onnx"
SCRFD = WEIGHTS / "insightface_NONCOMMERCIAL" / "models" / "scrfd2.5g_mbf" / "scrfd_2.5g_bnkps.onnx"
MOBILEFACENET = WEIGHTS / "mobilefacenet" / "MobileFaceNet.onnx"

needs_weights = pytest.mark.skipif(
    not (YUNET.is_file() and PHOTOS.is_dir()),
    reason="there are no weights and photos in STUDIO_TEST_WEIGHTS, or in a folder shared/ beside this one",
)

# Where the face is in `astronaut()`, as one sees it: around it nothing may change in a swap.
FACE = (165, 60, 285, 190)


def astronaut() -> Pixels:
    """512 x 512: Eileen Collins, who looks at you. Comes with scikit-image; no download."""
    return skimage.data.astronaut()


def stranger() -> Pixels:
    """512 x 512 with a face in the same place that is not hers: darker, green, mirrored."""
    mirrored = astronaut()[:, ::-1].astype(float)
    shift = 512 - 2 * 224  # her face's middle is at 224
    moved = np.roll(mirrored, -shift, axis=1)
    return (moved * [0.5, 0.75, 0.5]).astype(np.uint8)


def two_faces() -> Pixels:
    """768 x 512: a smaller face on the left, at (128, 60), a larger one on the right, at (480, 124)."""
    small = cv2.resize(stranger(), (256, 256), interpolation=cv2.INTER_AREA)
    picture = np.full((512, 768, 3), 128, np.uint8)
    picture[:256, :256] = small
    picture[:, 256:] = astronaut()
    return picture


def nobody() -> Pixels:
    """256 x 256 of coloured noise."""
    return np.random.default_rng(5).integers(0, 256, (256, 256, 3), np.uint8)


def b64(pixels: Pixels | Image.Image, kind: str = "PNG") -> str:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    return base64.b64encode(file_of(image, kind)).decode()


def pixels_of(text: str) -> Pixels:
    return np.array(opened(base64.b64decode(text)))


def photo(name: str) -> Pixels:
    return np.array(Image.open(PHOTOS / name).convert("RGB"))


def outside(
    changed: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]", box: tuple[int, int, int, int]
) -> int:
    """How many of the `changed` pixels lie outside of (left, top, right, bottom)."""
    left, top, right, bottom = box
    inside = np.zeros_like(changed)
    inside[top:bottom, left:right] = True
    return int((changed & ~inside).sum())


def changes(before: Pixels, after: Pixels) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    return (before != after).any(axis=-1)
