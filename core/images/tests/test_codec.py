"""Whatever a client sends becomes RGB, RGBA or L of 8 bit, or a clear error."""

import base64
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from core.exceptions import InvalidInput, StudioError
from core.images.codec import decode, decode_text
from core.images.tests.pictures import BLUE, RED, code_of, corners, file_of, looks_like, png, with_place


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
        ("AVIF", {"quality": 95, "subsampling": "4:4:4"}),
    ],
)
def test_every_format_of_the_list(kind: str, options: dict[str, Any]) -> None:
    image = decode(file_of(corners(), kind, **options))
    assert image.mode == "RGB"
    assert looks_like(image, corners())
    assert image.info == {}


@pytest.mark.parametrize("kind", ["PPM", "ICO", "TGA", "EPS", "JPEG2000", "PDF"])
def test_no_other_format(kind: str) -> None:
    assert code_of(file_of(corners(), kind)) == "not_an_image"


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"\xff\xd8\xff", b"GIF89a"])
def test_what_is_no_picture(data: bytes) -> None:
    assert code_of(data) in {"not_an_image", "broken_image"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_pictures_are_turned_upright(kind: str, orientation: int) -> None:
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    lying = corners() if turn is None else corners().transpose(turn)
    image = decode(file_of(lying, kind, exif=with_place(orientation), quality=95))
    assert looks_like(image, corners(), tolerance=60)
    assert not image.getexif()
    assert image.info == {}


@pytest.mark.parametrize("byte_order", ["<u2", ">u2"])
def test_sixteen_bit_grey_is_scaled(byte_order: str) -> None:
    wide = np.linspace(0, 65535, 256 * 4).astype(np.uint16).reshape(4, 256)
    for data in (
        file_of(Image.fromarray(wide)),
        file_of(Image.fromarray(wide.astype(byte_order)), "TIFF"),
    ):
        image = decode(data)
        assert image.mode == "L"
        assert np.abs(np.asarray(image).astype(float) - wide / 257).max() <= 0.5


def test_sixteen_bit_colour_is_scaled() -> None:
    row = struct.pack(">6H", 65535, 32768, 0, 257 * 17, 257 * 200, 257 * 255)
    assert np.asarray(decode(png(2, 16, row, 2))).tolist() == [[[255, 128, 0], [17, 200, 255]]]
    with_alpha = decode(png(6, 16, struct.pack(">4H", 65535, 0, 257 * 9, 32768), 1))
    assert with_alpha.mode == "RGBA"
    assert with_alpha.getpixel((0, 0)) == (255, 0, 9, 128)


def transparent_chunk(*values: int) -> bytes:
    data = struct.pack(f">{len(values)}H", *values)
    return struct.pack(">I", len(data)) + b"tRNS" + data + struct.pack(">I", zlib.crc32(b"tRNS" + data))


def test_a_transparent_colour_becomes_alpha() -> None:
    grey = decode(png(0, 8, b"\x07\x08", 2, extra=transparent_chunk(7)))
    assert [grey.mode, grey.getpixel((0, 0)), grey.getpixel((1, 0))] == ["RGBA", (7, 7, 7, 0), (8, 8, 8, 255)]
    colour = decode(png(2, 8, bytes([1, 2, 3, 4, 5, 6]), 2, extra=transparent_chunk(1, 2, 3)))
    assert [colour.mode, colour.getpixel((0, 0))[3], colour.getpixel((1, 0))[3]] == ["RGBA", 0, 255]
    deep = decode(png(0, 16, struct.pack(">2H", 300, 65535), 2, extra=transparent_chunk(300)))
    assert [deep.getpixel((0, 0)), deep.getpixel((1, 0))] == [(1, 1, 1, 0), (255, 255, 255, 255)]


def test_a_transparent_colour_of_sixteen_bits_is_no_accident() -> None:
    row = struct.pack(">6H", 256 * 1, 256 * 2, 256 * 3, 65535, 0, 0)
    image = decode(png(2, 16, row, 2, extra=transparent_chunk(256 * 1, 256 * 2, 256 * 3)))
    assert image.mode == "RGBA"
    assert image.getpixel((1, 0)) == (255, 0, 0, 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_survives(mode: str) -> None:
    image = corners().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    saved = image.convert("LA") if mode == "LA" else image.quantize(64) if mode == "P" else image
    found = decode(file_of(saved))
    assert found.mode == "RGBA"
    assert found.getextrema()[3][0] < 20 < 235 < found.getextrema()[3][1]


@pytest.mark.parametrize(("mode", "expected"), [("1", "L"), ("L", "L"), ("P", "RGB"), ("RGB", "RGB")])
def test_what_cannot_be_transparent_has_no_alpha(mode: str, expected: str) -> None:
    image = decode(file_of(corners().convert(mode)))
    assert image.mode == expected
    assert looks_like(image, corners().convert(mode))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_keeps_its_colours(kind: str) -> None:
    image = decode(file_of(corners().convert("CMYK"), kind, quality=95))
    assert image.mode == "RGB"
    assert looks_like(image, corners(), tolerance=12)


def test_a_colour_profile_is_applied() -> None:
    lab_profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert looks_like(decode(file_of(corners(), icc_profile=lab_profile)), corners(), tolerance=0)
    swapped = decode(file_of(corners(), icc_profile=swapped_primaries()))
    assert swapped.mode == "RGB"
    red, blue = swapped.getpixel((0, 0)), swapped.getpixel((0, 15))
    assert red[2] > 200 > 100 > red[0], "this profile calls the first channel blue"
    assert blue[0] > 200 > 100 > blue[2]
    transparent = corners().convert("RGBA")
    transparent.putalpha(77)
    found = decode(file_of(transparent, icc_profile=swapped_primaries()))
    assert found.mode == "RGBA"
    assert found.getpixel((0, 0))[2:] == (found.getpixel((0, 0))[2], 77)
    assert found.getpixel((0, 0))[2] > 200


def swapped_primaries() -> bytes:
    """sRGB with the red and the blue primary exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return (
        profile.replace(b"rXYZ", b"????")
        .replace(b"bXYZ", b"rXYZ")
        .replace(b"????", b"bXYZ")
        .replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    )


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, b"x" * 4])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    assert looks_like(decode(file_of(corners(), icc_profile=profile)), corners())


def test_broken_exif_is_ignored() -> None:
    assert looks_like(decode(file_of(corners(), exif=b"Exif\0\0MM\0*\0\0\xff\xff")), corners())


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_several_frames_are_refused(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    assert code_of(file_of(frames[0], kind, save_all=True, append_images=frames[1:])) == "animated_image"


def test_a_phone_photo_with_a_second_picture_behind_it_is_a_photo() -> None:
    data = file_of(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))], quality=95)
    assert Image.open(io.BytesIO(data)).format == "MPO"
    assert looks_like(decode(data), corners(), tolerance=60)


@pytest.mark.parametrize("mode", ["F", "LAB"])
def test_pixels_nobody_can_show_are_refused(mode: str) -> None:
    image = Image.new("F", (4, 4)) if mode == "F" else Image.new("LAB", (4, 4))
    assert code_of(file_of(image, "TIFF")) == "unsupported_pixels"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused(kind: str, kept: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8))
    data = file_of(noise, kind)
    assert code_of(data[: int(len(data) * kept)]) in {"broken_image", "not_an_image"}


@given(data=st.data())
def test_damaged_files_give_a_picture_or_an_error_of_ours(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"]))
    sound = bytearray(file_of(corners().convert("P" if kind == "GIF" else "RGB"), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    assert outcome(bytes(sound)) in {
        "RGB", "RGBA", "L",
        "broken_image", "not_an_image", "too_many_pixels", "too_many_scans", "animated_image",
        "unsupported_pixels",
    }  # fmt: skip


def outcome(data: bytes) -> str:
    """The mode of the picture or the code of the error."""
    try:
        return decode(data).mode
    except StudioError as error:
        return error.error_code


@given(
    data=st.binary(min_size=1), mime=st.sampled_from(["image/png", "IMAGE/JPEG", "", "image/x;charset=utf-8"])
)
def test_base64_is_read_back(data: bytes, mime: str) -> None:
    text = base64.b64encode(data).decode()
    assert decode_text(text) == data
    assert decode_text(f"  {text[:3]}\r\n{text[3:]}\t") == data
    assert decode_text(f"data:{mime};base64,{text}") == data


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "%%%", "abc", "YWJj=", "YWJj====", "YW-_", "YQ==YQ==", "héllo", "\x00"),
        *("data:image/png,abc", "data:;base64", "data:;base64,"),
        *("https://example.com/cat.png", "/etc/passwd"),
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_text(text)
    assert caught.value.error_code == "bad_base64"
