"""What is encoded comes back as it was."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from core.exceptions import InvalidInput
from core.images.encoding import FORMATS, encode
from core.images.png import encode_png
from core.images.tests.pictures import corners, looks_like, opened

sides = st.integers(1, 40)
pixels = st.tuples(sides, sides, st.sampled_from([(), (3,), (4,)])).flatmap(
    lambda size: arrays.arrays(np.uint8, (size[0], size[1], *size[2]))
)


@given(pixels=pixels)
def test_png_is_lossless(pixels: Any) -> None:
    data = encode_png(pixels)
    image = opened(data)
    assert image.mode == {2: "L", 3: {3: "RGB", 4: "RGBA"}.get(pixels.shape[-1])}[pixels.ndim]
    assert np.array_equal(np.asarray(image), pixels)
    assert encode_png(pixels) == data


def test_png_of_a_large_picture_is_whole() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (1500, 2000, 3), np.uint8)
    assert np.array_equal(np.asarray(opened(encode_png(noise))), noise)
    turned = noise.transpose(1, 0, 2)[::-1]
    assert np.array_equal(np.asarray(opened(encode_png(turned))), turned), "memory order does not matter"


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@given(value=text)
def test_png_text_is_read_back(value: str) -> None:
    image = opened(encode_png(np.zeros((1, 1), np.uint8), text={"parameters": value}))
    assert image.text == {"parameters": value}  # type: ignore[attr-defined]


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (4, 4, 5), (0, 4), (2, 2, 2, 3)])
def test_png_of_anything_else_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no PNG"):
        encode_png(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="no PNG"):
        encode_png(np.zeros((4, 4), np.float32))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_mode_in_every_format(kind: Any, mode: str) -> None:
    image = corners(64, 32).convert(mode)
    data = encode(image, kind)
    assert data == encode(image, kind)
    found = opened(data)
    assert found.format == kind.upper()
    assert looks_like(found, image, tolerance=0 if kind == "png" and mode != "CMYK" else 70)


def test_transparency_is_kept_or_becomes_white() -> None:
    image = corners().convert("RGBA")
    image.putalpha(0)
    assert opened(encode(image, "png")).getextrema()[3] == (0, 0)
    assert opened(encode(image, "webp")).getextrema()[3] == (0, 0)
    jpeg = opened(encode(image, "jpeg"))
    assert jpeg.mode == "RGB"
    assert min(low for low, _ in jpeg.getextrema()) > 250


def test_quality_counts() -> None:
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8))
    for kind in ("jpeg", "webp"):
        assert (
            len(encode(noise, kind, quality=10))
            < len(encode(noise, kind))
            < len(encode(noise, kind, quality=100))
        )  # type: ignore[arg-type]


def test_nothing_the_image_carried_is_passed_on() -> None:
    carried = {
        "comment": b"secret",
        "exif": b"Exif\0\0secret",
        "xmp": b"secret",
        "parameters": "secret",
        "icc_profile": b"secret",
    }
    image = corners()
    image.info.update(carried)
    for kind in FORMATS:
        assert b"secret" not in encode(image, kind)


def test_a_side_too_long_for_the_format_is_said() -> None:
    image = Image.new("L", (20_000, 1))
    with pytest.raises(InvalidInput) as caught:
        encode(image, "webp")
    assert caught.value.error_code == "side_too_long"
    assert Image.open(io.BytesIO(encode(image, "jpeg"))).size == (20_000, 1)
