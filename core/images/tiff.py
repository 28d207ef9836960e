"""TIFF files as a directory of tags: how large the tiles are, which are decoded whole."""

import struct

from PIL.TiffImagePlugin import TiffImageFile

from core.exceptions import InvalidInput

_TILE_SIZE = _TILE_WIDTH, _TILE_LENGTH = 322, 323  # TIFF 6.0, section 15
_BIG = (b"+\0", b"\0+")  # BigTIFF: offsets and counts of 64 bits


def tile_pixels(image: TiffImageFile, data: bytes) -> int:
    """Pixels of one tile of the picture in `data`, 0 if it has none.

    Raises InvalidInput `broken_image` when its size is no number (Pillow hands over what the file calls text,
    and a text times a number is a long text), or is said twice (Pillow believes the last word, libtiff the
    first).
    """
    width, length = (image.tag_v2.get(tag, 0) for tag in _TILE_SIZE)
    tags = _tags(data)
    twice = any(tags.count(tag) > 1 for tag in _TILE_SIZE)
    if twice or not isinstance(width, int) or not isinstance(length, int):
        raise InvalidInput("The TIFF does not say how large its tiles are.", code="broken_image")
    return width * length


def _tags(data: bytes) -> list[int]:
    """The tags in the first directory, in their order."""
    order = "<" if data.startswith(b"II") else ">"
    if data[2:4] in _BIG:
        (start,) = struct.unpack_from(f"{order}Q", data, 8)
        (count,) = struct.unpack_from(f"{order}Q", data, start)
        first, size = start + 8, 20
    else:
        (start,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, start)
        first, size = start + 2, 12
    return [struct.unpack_from(f"{order}H", data, first + size * number)[0] for number in range(count)]
