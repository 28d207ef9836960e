"""A client's picture as it may be kept: its pixels, without what says where, when and by whom it was made.

Whether a trained model took part is kept: who looks at the picture is to know, and it is nobody's secret.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.images import codec
from core.images.encoding import Format, encode
from core.images.jpeg import without_metadata
from core.images.pixels import is_standard
from core.images.png import XMP_KEYWORD, encode_png
from core.images.provenance import declared_source, xmp

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
    """The picture in `data`, of which `image` is what `decode` made, upright and without metadata.

    Only a digital source type that says that a trained model took part is passed on. JPEG stays JPEG, without
    loss unless it has to be turned or its colours converted; all else becomes PNG.
    """
    source = codec.load(data)
    declared = declared_source(data)
    packet = xmp(declared) if declared else b""
    if source.format != "JPEG":
        png = encode_png(np.asarray(image), text={XMP_KEYWORD: packet.decode()} if packet else None)
        return CleanFile(png, "png", image.width, image.height)
    jpeg = data if is_standard(source) else encode(image, "jpeg", quality=_RECODED_QUALITY)
    return CleanFile(without_metadata(jpeg, xmp=packet), "jpeg", image.width, image.height)
