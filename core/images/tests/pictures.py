"""Pictures to send, and what to see in them again."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from core.exceptions import InvalidInput
from core.images.codec import decode

RED, GREEN, BLUE, WHITE = (250, 20, 10), (20, 240, 30), (10, 20, 250), (255, 255, 255)


def corners(width: int = 32, height: int = 16) -> Image.Image:
    """Red, green / blue, white: every way to turn it looks different."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = WHITE
    return Image.fromarray(pixels)


def file_of(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def with_place(orientation: int = 1) -> Image.Exif:
    """EXIF of a phone: where the photo was taken, and which way up."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhone"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.0)
    return exif


def looks_like(image: Image.Image, expected: Image.Image, tolerance: int = 8) -> bool:
    """Same size, and in RGB on average no further apart than `tolerance`."""
    if image.size != expected.size:
        return False
    a, b = (np.asarray(each.convert("RGB")).astype(int) for each in (image, expected))
    return bool(np.abs(a - b).mean() <= tolerance)


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def png(colour_type: int, depth: int, row: bytes, width: int, height: int = 1, extra: bytes = b"") -> bytes:
    """A PNG of equal rows, chunk by chunk; `extra` holds whole chunks."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    rows = zlib.compress((b"\0" + row) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def code_of(data: bytes) -> str:
    """The code of the error that decoding gives."""
    with pytest.raises(InvalidInput) as caught:
        decode(data)
    return caught.value.error_code
