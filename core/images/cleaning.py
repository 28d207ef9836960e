"""A client's picture as it may be kept: its pixels, without what says where, when and by whom it was made."""

from dataclasses import dataclass

from PIL import Image

from core.images import codec
from core.images.encoding import Format, encode
from core.images.jpeg import without_metadata
from core.images.pixels import is_standard

# Above 95 JPEG files grow without looking better (Pillow's manual, "quality").
_RECODED_QUALITY = 95


@dataclass(frozen=True)
class CleanFile:
    """The bytes of a picture in `format`, `width` x `height` pixels."""

    data: bytes
    format: Format
    width: int
    height: int


def clean(data: bytes, image: Image.Image) -> CleanFile:
    """The picture in `data`, of which `image` is what `decode` made, upright and with nothing but its pixels.

    JPEG stays JPEG, without loss unless it has to be turned or its colours converted; all else becomes PNG.
    """
    source = codec.load(data)
    if source.format != "JPEG":
        return CleanFile(encode(image, "png"), "png", image.width, image.height)
    if is_standard(source):
        return CleanFile(without_metadata(data), "jpeg", image.width, image.height)
    return CleanFile(encode(image, "jpeg", quality=_RECODED_QUALITY), "jpeg", image.width, image.height)
