"""A JPEG that decodes is the same picture without its metadata, however odd it is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.exceptions import StudioError
from core.images.cleaning import clean
from core.images.codec import decode
from core.images.tests.pictures import corners, file_of, with_place

_HIDDEN = {"exif": with_place(), "comment": b"secret", "xmp": b"secret"}
_JPEGS = [
    file_of(corners(48, 32).convert(mode), "JPEG", quality=70, **options, **_HIDDEN)
    for mode in ("L", "RGB")
    for options in ({}, {"progressive": True}, {"restart_marker_blocks": 1}, {"keep_rgb": True})
]


def pixels(image: Image.Image) -> list[int]:
    return np.asarray(image).tolist()


def test_nothing_hides_in_a_segment_that_decoders_skip() -> None:
    hidden = bytearray(_JPEGS[0])
    hidden[hidden.index(b"\xff\xe1") + 1] = 0xDC

    kept = clean(bytes(hidden), decode(bytes(hidden)))

    assert b"SecretPhone" not in kept.data


@given(data=st.data())
def test_a_damaged_jpeg_that_decodes_is_kept_as_it_decodes(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(_JPEGS)))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        if data.draw(st.booleans()):
            damaged[place] = data.draw(st.integers(0, 255))
        else:
            damaged[place:place] = data.draw(
                st.binary(max_size=6) | st.just(b"\xff\xd9") | st.just(b"\xff\xe1")
            )
    try:
        image = decode(bytes(damaged))
    except StudioError:
        return
    kept = clean(bytes(damaged), image)
    if kept.format == "jpeg":
        assert pixels(decode(kept.data)) == pixels(image)
        assert b"SecretPhone" not in kept.data
