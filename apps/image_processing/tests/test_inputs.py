"""What every call has in common: which pictures it takes, how it answers, what it refuses."""

import base64
import io
import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework_simplejwt.tokens import AccessToken

from apps.image_processing.tests.calls import BASE, b64, body, edited, noise, pixels, post, refused, shown
from core.images.models import StoredImage
from core.images.tests.pictures import file_of, opened, png

pytestmark = pytest.mark.django_db

# The least that each call that is answered on the spot asks for beside its picture.
INLINE: dict[str, dict[str, Any]] = {
    "resize": {"width": 8},
    "crop": {"square": True},
    "rotate": {"angle": 90},
    "flip": {"direction": "vertical"},
    "adjust": {"brightness": 0.5},
    "convert": {"output_format": "png"},
    "white-balance": {},
    "extract-object": {"mask": Image.new("L", (16, 16), 255)},
}


def flipped_twice(client: Any, data: bytes) -> np.ndarray[Any, Any]:
    """The picture in `data` as the studio sees it."""
    once = edited(client, "flip", image=b64(data), direction="horizontal")
    return pixels(once)[:, ::-1]


def test_sixteen_bit_grey_is_scaled(client: Any) -> None:
    wide = np.array([[0, 257, 32896, 65535]], np.uint16)
    assert flipped_twice(client, file_of(Image.fromarray(wide))).tolist() == [[0, 1, 128, 255]]


def test_sixteen_bit_colour_keeps_its_high_byte(client: Any) -> None:
    row = struct.pack(">6H", 65535, 0, 32896, 257, 65535, 514)
    assert flipped_twice(client, png(2, 16, row, 2)).tolist() == [[[255, 0, 128], [1, 255, 2]]]


def test_a_palette_becomes_its_colours(client: Any) -> None:
    image = noise(16, 16).quantize(7)
    assert (flipped_twice(client, file_of(image)) == pixels(image.convert("RGB"))).all()


def test_a_palette_with_a_transparent_entry_becomes_rgba(client: Any) -> None:
    image = noise(16, 16).quantize(7)
    seen = flipped_twice(client, file_of(image, transparency=3))
    assert seen.shape == (16, 16, 4)
    assert ((seen[..., 3] == 0) == (pixels(image) == 3)).all()


def test_cmyk_becomes_rgb(client: Any) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # magenta and yellow ink: red
    seen = flipped_twice(client, file_of(image, "JPEG", quality=100))
    assert np.abs(seen - (255, 0, 0)).max() <= 6


def test_grey_with_alpha_becomes_rgba(client: Any) -> None:
    image = Image.merge("LA", (noise(9, 9, "L"), noise(9, 9, "L", seed=4)))
    assert (flipped_twice(client, file_of(image)) == pixels(image.convert("RGBA"))).all()


def test_a_phones_photo_is_upright_before_it_is_edited(client: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.new("RGB", (40, 20), "blue")
    lying.paste("red", (0, 0, 20, 20))  # once upright, above
    cropped = edited(
        client, "crop", image=b64(file_of(lying, "JPEG", exif=exif, quality=95)), box=[0, 0, 20, 10]
    )
    assert np.abs(pixels(cropped)[5, 10] - (255, 0, 0)).max() <= 8


@pytest.mark.parametrize("path", sorted(INLINE))
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_every_call_takes_every_kind_and_writes_every_format(
    client: Any, path: str, mode: str, kind: str
) -> None:
    answer = post(client, path, image=noise(16, 16, mode), **{**INLINE[path], "output_format": kind}).json()
    found = shown(answer.get("image_bytes") or answer["extracted_image"])
    assert found.format == kind.upper()


@pytest.mark.parametrize("path", sorted(INLINE))
def test_every_call_answers_with_the_picture_alone_where_accept_says_so(client: Any, path: str) -> None:
    response = client.post(
        f"{BASE}{path}/",
        body(image=noise(16, 16), **INLINE[path]),
        content_type="application/json",
        headers={"accept": "image/jpeg"},
    )
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Request-Id"]
    assert opened(response.content).format == "JPEG"


@pytest.mark.parametrize("path", sorted(INLINE))
def test_every_call_takes_a_single_pixel(client: Any, path: str) -> None:
    fields = {**INLINE[path], **({"mask": Image.new("L", (1, 1), 255)} if "mask" in INLINE[path] else {})}
    assert post(client, path, image=Image.new("RGB", (1, 1), "red"), **fields).status_code == 200


@pytest.mark.parametrize("path", [*sorted(INLINE), "enhance", "upscale", "remove-object", "pipeline"])
@pytest.mark.parametrize(
    ("image", "code"),
    [
        (None, "invalid"),
        ("", "bad_base64"),
        ("!!!", "bad_base64"),
        (b64(b"GIF89a but not really"), "not_an_image"),
        (b64(file_of(noise(64, 64))[:900]), "broken_image"),
        (17, "invalid"),
    ],
)
def test_what_is_not_a_picture_is_refused(client: Any, path: str, image: Any, code: str) -> None:
    least = {"upscale": {"scale": 2}, "pipeline": {"steps": [{"op": "enhance"}]}}
    fields = {**INLINE.get(path, {}), **least.get(path, {})}
    if path == "remove-object":
        fields["mask"] = Image.new("L", (16, 16), 255)
    if image is not None:
        fields["image"] = image
    error = refused(client, path, **fields)
    assert error["errors"]["image"]
    assert error["code"] == code


def test_two_pictures_for_one_are_refused(client: Any) -> None:
    stored = client.post(
        "/api/v1/images/", {"file": SimpleUploadedFile("a.png", file_of(noise(8, 8)))}
    ).json()
    error = refused(client, "flip", image=noise(8, 8), image_id=stored["image_id"], direction="vertical")
    assert "image" in error["errors"]


def test_a_bomb_is_refused_before_it_is_decoded(client: Any) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000)))
    assert refused(client, "flip", status=413, image=b64(bomb), direction="vertical")["code"] == (
        "too_many_pixels"
    )


def test_a_form_takes_a_file_and_texts(client: Any) -> None:
    image = noise(20, 10)
    response = client.post(
        f"{BASE}crop/", {"image": SimpleUploadedFile("a.png", file_of(image)), "box": "[2, 3, 12, 9]"}
    )
    assert response.status_code == 200, response.content
    assert (pixels(shown(response.json()["image_bytes"])) == pixels(image)[3:9, 2:12]).all()
    broken = client.post(
        f"{BASE}crop/", {"image": SimpleUploadedFile("a.png", file_of(image)), "box": "[2, "}
    )
    assert broken.status_code == 400
    assert "box" in broken.json()["errors"]


def test_a_picture_is_named_by_its_id(client: Any) -> None:
    image = noise(20, 10)
    stored = client.post("/api/v1/images/", {"file": SimpleUploadedFile("a.png", file_of(image))}).json()
    found = edited(client, "flip", image_id=stored["image_id"], direction="vertical")
    assert (pixels(found) == pixels(image)[::-1]).all()


def test_anothers_picture_is_unknown(client: Any) -> None:
    users = [
        User.objects.create_user(name, f"{name}@example.com", "a-long-enough-one") for name in ("a", "b")
    ]
    ann, bob = ({"authorization": f"Bearer {AccessToken.for_user(user)}"} for user in users)
    stored = client.post(
        "/api/v1/images/", {"file": SimpleUploadedFile("a.png", file_of(noise(8, 8)))}, headers=ann
    )
    fields = {"image_id": stored.json()["image_id"], "direction": "vertical"}
    answers = [
        client.post(f"{BASE}flip/", fields, content_type="application/json", headers=who)
        for who in (ann, bob)
    ]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[1].json()["code"] == "unknown_image"


def test_the_answer_may_hold_a_url(client: Any) -> None:
    image = noise(20, 10)
    answer = post(client, "flip", image=image, direction="horizontal", response_format="url").json()
    content = client.get(answer["image_bytes"])
    assert (pixels(opened(content.getvalue())) == pixels(image)[:, ::-1]).all()


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_path_answers_with_and_without_its_slash(client: Any, slash: str) -> None:
    fields = json.dumps({"image": b64(noise(4, 4)), "direction": "vertical"})
    assert client.post(f"{BASE}flip{slash}", fields, content_type="application/json").status_code == 200
    assert client.get(f"{BASE}flip{slash}").status_code == 405


def test_nothing_is_stored_of_a_call_that_is_refused(client: Any) -> None:
    refused(client, "crop", image=noise(8, 8), box=[0, 0, 99, 99])
    refused(client, "extract-object", image=noise(8, 8), mask=Image.new("L", (8, 8)))
    assert not StoredImage.objects.exists()


def test_a_side_that_the_format_cannot_hold_is_refused(client: Any) -> None:
    error = refused(
        client, "resize", image=noise(2, 1), width=17_000, height=1, mode="exact", output_format="webp"
    )
    assert error["code"] == "side_too_long"
    found = edited(client, "resize", image=noise(2, 1), width=17_000, height=1, mode="exact")
    assert found.size == (17_000, 1)


def test_metadata_of_a_photo_does_not_survive_an_edit(client: Any) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    out = io.BytesIO()
    noise(16, 16).save(out, "JPEG", exif=exif)
    for kind in ("png", "jpeg", "webp"):
        answer = post(client, "flip", image=b64(out.getvalue()), direction="vertical", output_format=kind)
        assert b"SecretPhone" not in base64.b64decode(answer.json()["image_bytes"])
