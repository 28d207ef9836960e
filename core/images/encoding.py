"""From pixels to the bytes of a file."""

import io
from typing import Literal, get_args

import numpy as np
from PIL import Image

from core.exceptions import InvalidInput
from core.images.pixels import on_white
from core.images.png import encode_png
from core.images.provenance import Provenance, xmp

Format = Literal["png", "jpeg", "webp"]
FORMATS: tuple[Format, ...] = get_args(Format)

# Where losses stop being visible in photographs; Pillow's own 75 and 80 are meant for the web.
DEFAULT_QUALITY = {"jpeg": 92, "webp": 90}
# From here on JPEG keeps colour at full resolution (4:4:4), as ImageMagick does; below it is halved (4:2:0).
_FULL_COLOUR = 90
# The formats' own limits: libjpeg's JPEG_MAX_DIMENSION, and 14 bits in WebP (RFC 9649, 2.6).
_LONGEST_SIDE = {"jpeg": 65_500, "webp": 16_383}


def encode(
    image: Image.Image,
    format: Format,  # noqa: A002
    *,
    provenance: Provenance | None = None,
    quality: int | None = None,
) -> bytes:
    """The file. PNG is lossless; `quality` (1 to 100) is for JPEG and WebP. The same input, the same bytes.

    JPEG knows no transparency: what is transparent becomes white. Nothing that `image.info` holds is passed
    on. Raises InvalidInput `side_too_long` where the format cannot hold the size.
    """
    image = _storable(image)
    if format == "png":
        return encode_png(np.asarray(image), text=provenance.png_text() if provenance else None)
    if max(image.size) > _LONGEST_SIDE[format]:
        longest = f"A side of a {format.upper()} picture has at most {_LONGEST_SIDE[format]:,} pixels."
        raise InvalidInput(longest, code="side_too_long")
    quality = quality or DEFAULT_QUALITY[format]
    out = io.BytesIO()
    (on_white(image) if format == "jpeg" else image).save(
        out,
        format,
        quality=quality,
        subsampling=0 if quality >= _FULL_COLOUR else 2,
        exif=provenance.exif() if provenance else b"",
        xmp=xmp(provenance.digital_source_type) if provenance else b"",
        comment=b"",
    )
    return out.getvalue()


def _storable(image: Image.Image) -> Image.Image:
    if image.mode in {"L", "RGB", "RGBA"}:
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")
