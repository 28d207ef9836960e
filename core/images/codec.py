"""From a client's bytes to pixels that are safe to work with."""

import base64
import binascii
import io
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from PIL import Image, ImageFile, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from core.exceptions import InvalidInput, StudioError, TooLarge
from core.images.jpeg import MOST_SCANS, has_too_many_scans
from core.images.pixels import standardised
from core.images.tiff import tile_pixels

# Pillow can open far more, some of it by running other programs (EPS) or without limits.
READABLE = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
# Pillow resizes the width first: of a strip of 50,000,000 pixels it makes a picture as wide as the result and
# as high as the strip, in rembg's code as well as in ours.
MOST_SIDE = 32_768


def decode(data: bytes) -> Image.Image:
    """The picture in `data` (PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF): upright, sRGB, 8 bit, without metadata.

    Its mode is RGB, RGBA (whatever can be transparent) or L. Raises InvalidInput `not_an_image`,
    `broken_image` (damaged or cut short), `animated_image` (several frames or pages), `unsupported_pixels`
    (32 bits a channel, Lab) or `too_many_scans`, and TooLarge `too_many_pixels` or `side_too_long`; all
    limits are known before a pixel is decoded.
    """
    source = load(data)
    with _reading():
        return standardised(source)


def load(data: bytes) -> ImageFile.ImageFile:
    """The picture in `data` as its file says it, metadata and all: for `decode`, and to look at what it was.

    Raises what `decode` raises.
    """
    with _reading():
        image = Image.open(io.BytesIO(data), formats=READABLE)
        if image.format == "MPO":  # a second picture (depth, gain map) follows the photo that is meant
            image = JpegImageFile(io.BytesIO(data))
        _check_size(image, data)
        if getattr(image, "is_animated", False):
            raise InvalidInput("A picture with a single frame or page is needed.", code="animated_image")
        if image.format == "JPEG" and has_too_many_scans(data):
            raise InvalidInput(
                f"A JPEG may have at most {MOST_SCANS} scans. Save it anew, not progressive.",
                code="too_many_scans",
            )
        image.load()
    return image


def decode_text(value: str) -> bytes:
    """The bytes behind base64 (RFC 4648, section 4, with padding) or a base64 `data:` URL (RFC 2397).

    White space anywhere is ignored. Raises InvalidInput `bad_base64`.
    """
    text = value.strip()
    if text[:5].lower() == "data:":
        header, comma, text = text.partition(",")
        if not comma or not header.lower().endswith(";base64"):
            raise InvalidInput("A data: URL must be of the form data:image/png;base64,...", code="bad_base64")
    text = "".join(text.split())
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    # Python, strict as it is, puts up with more padding than there can be.
    if not data or len(text) % 4 or text.endswith("==="):
        raise InvalidInput("This is neither base64 nor a data: URL.", code="bad_base64")
    return data


def _check_size(image: ImageFile.ImageFile, data: bytes) -> None:
    if max(image.size) > MOST_SIDE:
        raise TooLarge(
            f"A picture may have at most {MOST_SIDE:,} pixels on a side; this one has {max(image.size):,}. "
            "Scale it down first.",
            code="side_too_long",
        )
    pixels = image.width * image.height
    if isinstance(image, TiffImageFile):  # a tile is decoded whole, however small the picture is
        pixels = max(pixels, tile_pixels(image, data))
    if pixels > settings.STUDIO_MAX_IMAGE_PIXELS:
        raise _too_many_pixels(f"{pixels:,}")


def _too_many_pixels(found: str) -> TooLarge:
    return TooLarge(
        f"A picture may have at most {settings.STUDIO_MAX_IMAGE_PIXELS:,} pixels; this one has {found}. "
        "Scale it down first (STUDIO_MAX_IMAGE_PIXELS).",
        code="too_many_pixels",
    )


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except StudioError:
        raise
    except UnidentifiedImageError:
        raise InvalidInput(
            "This is not a picture in one of the formats PNG, JPEG, WebP, TIFF, BMP, GIF and AVIF.",
            code="not_an_image",
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels("more") from None
    except Exception as error:
        # Pillow's readers raise whatever a broken file makes them stumble over: OSError, SyntaxError, ...
        raise InvalidInput("The picture is damaged or incomplete.", code="broken_image") from error
