"""A lossless PNG encoder that takes some 10 ms a megapixel, a tenth of Pillow's time.

Every row is stored as its difference from the row above (filter `Up`, which numpy does for the whole picture
at once), then deflated by ISA-L at level 1.
"""

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

XMP_KEYWORD = "XML:com.adobe.xmp"  # XMP specification part 3, 1.1.5: in an iTXt chunk

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = {1: 0, 3: 2, 4: 6}  # PNG specification, 11.2.1, by channels
_UP = 2


def encode_png(pixels: NDArray[np.uint8], *, text: Mapping[str, str] | None = None) -> bytes:
    """A PNG of uint8 pixels, H x W (grey), H x W x 3 (RGB) or H x W x 4 (RGBA, not premultiplied).

    `text` becomes text chunks in the given order (keywords of 1 to 79 Latin-1 characters). The same input
    gives the same bytes. Raises ValueError for any other array.
    """
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    if (
        pixels.dtype != np.uint8
        or pixels.ndim not in {2, 3}
        or channels not in _COLOUR_TYPE
        or not pixels.size
    ):
        raise ValueError(f"no PNG for {pixels.dtype} of shape {pixels.shape}")
    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPE[channels], 0, 0, 0)
    chunks = [
        _chunk(b"IHDR", header),
        *(_text_chunk(keyword, value) for keyword, value in (text or {}).items()),
        _chunk(b"IDAT", isal_zlib.compress(_filtered(pixels.reshape(height, width * channels)), 1)),
        _chunk(b"IEND", b""),
    ]
    return b"".join([_SIGNATURE, *chunks])


def _filtered(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, row_bytes = rows.shape
    filtered = np.empty((height, row_bytes + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered


def _text_chunk(keyword: str, value: str) -> bytes:
    name = keyword.encode("latin-1") + b"\0"
    value = value.replace("\0", "")
    if keyword != XMP_KEYWORD and _is_latin1(value):
        return _chunk(b"tEXt", name + value.encode("latin-1"))
    uncompressed_no_language = b"\0\0\0\0"
    return _chunk(b"iTXt", name + uncompressed_no_language + value.encode("utf-8", "replace"))


def _is_latin1(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join([len(data).to_bytes(4), kind, data, zlib.crc32(data, zlib.crc32(kind)).to_bytes(4)])
