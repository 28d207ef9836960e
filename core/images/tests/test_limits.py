"""What would cost too much is refused before it does."""

import struct
import time
import tracemalloc
import zlib
from typing import Any

import pytest
from PIL import Image

from core.exceptions import InvalidInput, TooLarge
from core.images.codec import decode
from core.images.tests.pictures import code_of, corners, file_of, png


def header_only(kind: str, side: int) -> bytes:
    """A file that promises `side` x `side` pixels."""
    if kind == "PNG":
        return png(2, 8, b"", side, side)
    if kind == "BMP":
        return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
    if kind == "GIF":
        return file_of(Image.new("P", (4, 4)), "GIF").replace(
            struct.pack("<HH", 4, 4), struct.pack("<HH", side, side)
        )
    size = struct.pack("<I", side - 1)[:3]
    vp8x = b"VP8X" + struct.pack("<I", 10) + b"\0" * 4 + size + size
    return b"RIFF" + struct.pack("<I", 4 + len(vp8x)) + b"WEBP" + vp8x


@pytest.mark.parametrize(
    ("kind", "side"), [("PNG", 30_000), ("BMP", 30_000), ("GIF", 30_000), ("WEBP", 16_000)]
)
def test_a_bomb_is_known_by_its_header(kind: str, side: int) -> None:
    data = header_only(kind, side)
    tracemalloc.start()
    started = time.perf_counter()
    with pytest.raises(TooLarge) as caught:
        decode(data)
    assert time.perf_counter() - started < 0.5
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert caught.value.error_code == "too_many_pixels"


def test_a_strip_is_refused_however_few_pixels_it_has() -> None:
    assert decode(png(2, 8, b"\0" * 4, 1, 32_768)).size == (1, 32_768)
    with pytest.raises(TooLarge) as caught:
        decode(png(2, 8, b"\0" * 4, 1, 32_769))
    assert caught.value.error_code == "side_too_long"


def test_the_limit_is_the_setting(settings: Any) -> None:
    settings.STUDIO_MAX_IMAGE_PIXELS = 32 * 16
    assert decode(file_of(corners(32, 16))).size == (32, 16)
    with pytest.raises(TooLarge, match=r"at most 512 pixels; this one has 528. Scale it down"):
        decode(file_of(corners(33, 16)))


def tiled_tiff(tile: int) -> bytes:
    """16 x 16 grey pixels in one tile of `tile` x `tile`, compressed with deflate."""
    pixels = zlib.compress(b"\x80" * min(tile * tile, 65536))
    tags = {
        256: 16, 257: 16, 258: 8, 259: 8, 262: 1, 277: 1, 322: tile, 323: tile, 324: 200, 325: len(pixels)
    }  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0" * 4
    return head.ljust(200, b"\0") + pixels


def test_a_small_tiff_may_not_have_a_huge_tile() -> None:
    assert decode(tiled_tiff(64)).getpixel((15, 15)) == 128
    with pytest.raises(TooLarge) as caught:
        decode(tiled_tiff(60_000))
    assert caught.value.error_code == "too_many_pixels"


def tiff(*tags: tuple[int, int, int, bytes]) -> bytes:
    """A TIFF of one grey pixel, with more tags (number, type, count, four bytes)."""
    usual = {256: 1, 257: 1, 258: 8, 259: 1, 262: 1, 273: 400, 277: 1, 278: 1, 279: 1}
    entries = [(tag, 4, 1, struct.pack("<I", value)) for tag, value in usual.items()]
    packed = b"".join(
        struct.pack("<HHI4s", *entry) for entry in sorted([*entries, *tags], key=lambda t: t[0])
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(packed) // 12) + packed + b"\0" * 4
    return head.ljust(400, b"\0") + b"\x80"


def test_a_tile_width_that_is_no_number_is_not_multiplied() -> None:
    assert decode(tiff()).getpixel((0, 0)) == 128
    text = (322, 2, 4, b"AAA\0")
    tracemalloc.start()
    assert code_of(tiff(text, (323, 4, 1, struct.pack("<I", 100_000_000)))) == "broken_image"
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_tile_size_said_twice_is_refused() -> None:
    """Pillow would believe the second width, and libtiff the first."""
    data = tiled_tiff(64)
    (count,) = struct.unpack_from("<H", data, 8)
    entries = data[10 : 10 + 12 * count]
    wide = struct.pack("<HHII", 322, 4, 1, 60_000)
    at = 12 * [struct.unpack_from("<H", entries, 12 * n)[0] for n in range(count)].index(322)
    entries = entries[:at] + wide + entries[at:]
    head = data[:8] + struct.pack("<H", count + 1) + entries + b"\0" * 4
    with pytest.raises(InvalidInput, match="how large its tiles are"):
        decode(head.ljust(200, b"\0") + data[200:])


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    """Every scan is a pass over all pixels: 300,000 empty ones fit into a request, and would take hours."""
    data = file_of(Image.new("L", (2000, 2000)), "JPEG", progressive=True)
    assert decode(data).size == (2000, 2000)
    scan = data[data.rindex(b"\xff\xda") : -2]
    started = time.perf_counter()
    assert code_of(data[:-2] + scan * 5000 + data[-2:]) == "too_many_scans"
    assert code_of(data[:-2] + (scan + b"\xff\x01") * 5000 + data[-2:]) == "too_many_scans"
    assert time.perf_counter() - started < 0.5


def test_a_thumbnail_and_what_follows_a_jpeg_are_not_its_scans() -> None:
    comment = b"\xff\xda\x00\x08" * 200
    assert decode(file_of(corners(), "JPEG", comment=comment) + comment).size == (32, 16)
