"""`/api/v1/images/` over HTTP."""

import asyncio
import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import AsyncClient, Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework_simplejwt.tokens import AccessToken

from core.images.models import StoredImage
from core.images.tests.pictures import corners, file_of, files_under, looks_like, opened, with_place
from core.images.tests.stored import pin

pytestmark = pytest.mark.django_db(transaction=True)

IMAGES = "/api/v1/images/"
PNG = file_of(corners())
JPEG = file_of(corners(), "JPEG", exif=with_place(), quality=95, subsampling=0)


def post_file(client: Client, data: bytes = PNG, path: str = IMAGES, **headers: str) -> Any:
    return client.post(path, {"file": SimpleUploadedFile("../../evil.php", data)}, headers=headers)


def post_json(client: Client, image: Any, **more: Any) -> Any:
    return client.post(IMAGES, {"image": image, **more}, content_type="application/json")


@pytest.fixture
def ann() -> dict[str, str]:
    """The headers of a user."""
    user = User.objects.create_user("ann", "ann@example.com", "a-long-enough-one")
    return {"authorization": f"Bearer {AccessToken.for_user(user)}"}


def test_a_file_is_uploaded(client: Client, media: Path, settings: Any) -> None:
    response = post_file(client, JPEG)
    assert response.status_code == 201
    body = response.json()
    stored = client.get(f"{IMAGES}{body['image_id']}/content/").getvalue()
    assert body == {
        "image_id": body["image_id"],
        "width": 32,
        "height": 16,
        "format": "jpeg",
        "bytes": len(stored),
        "sha256": hashlib.sha256(JPEG).hexdigest(),
        "expires_at": body["expires_at"],
    }
    kept = parse_datetime(body["expires_at"]) - timezone.now()  # type: ignore[operator]
    assert abs(kept - timedelta(seconds=settings.STUDIO_IMAGE_TTL)) < timedelta(minutes=1)
    assert looks_like(opened(stored), corners())
    assert b"SecretPhone" not in stored
    assert files_under(media) == {f"images/{body['image_id'][:2]}/{body['image_id']}.jpeg"}


@pytest.mark.parametrize("form", ["{}", "data:image/png;base64,{}", " {}\n"])
def test_json_takes_base64_and_data_urls(client: Client, form: str) -> None:
    response = post_json(client, form.format(base64.b64encode(PNG).decode()))
    assert response.status_code == 201
    assert response.json()["image_id"] == post_file(client).json()["image_id"], (
        "the same bytes, the same image"
    )


def test_a_form_takes_base64_too(client: Client) -> None:
    assert client.post(IMAGES, {"image": base64.b64encode(PNG).decode()}).status_code == 201


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_path_answers_with_and_without_its_slash(client: Client, slash: str) -> None:
    image_id = post_file(client, path=f"/api/v1/images{slash}").json()["image_id"]
    assert client.get(f"{IMAGES}{image_id}{slash}").status_code == 200
    assert client.get(f"{IMAGES}{image_id}/content{slash}").status_code == 200
    assert client.delete(f"{IMAGES}{image_id}{slash}").status_code == 204


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("hello world", "bad_base64"),
        ("", "bad_base64"),
        (base64.b64encode(b"a text file").decode(), "not_an_image"),
        (base64.b64encode(PNG[:80]).decode(), "broken_image"),
        (
            base64.b64encode(
                file_of(corners(), "GIF", save_all=True, append_images=[corners(8, 8)])
            ).decode(),
            "animated_image",
        ),
        (7, "invalid"),
        (None, "null"),
        (["x"], "invalid"),
        ({"data": "x"}, "invalid"),
        (True, "invalid"),
    ],
)
def test_what_is_no_picture_is_a_field_error(client: Client, image: Any, code: str) -> None:
    response = post_json(client, image)
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert list(response.json()["errors"]) == ["image"]
    assert not StoredImage.objects.exists()


def test_a_file_that_is_no_picture_is_a_field_error(client: Client) -> None:
    for data in (b"", b"a text file"):
        response = post_file(client, data)
        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["file"]


def test_a_long_title_is_no_file_extension(client: Client) -> None:
    large = PNG + b"\0" * 5_000_000  # too much for memory: it goes to a file, named after this one
    response = client.post(IMAGES, {"file": SimpleUploadedFile("1. " + "Ảnh " * 60, large)})
    assert response.status_code in (201, 400), response.content


def test_exactly_one_picture_is_wanted(client: Client) -> None:
    text = base64.b64encode(PNG).decode()
    both = client.post(IMAGES, {"file": SimpleUploadedFile("a.png", PNG), "image": text})
    assert both.status_code == 400
    for body in ({}, {"picture": text}, {"image": text, "owner": "ann"}):
        response = client.post(IMAGES, body, content_type="application/json")
        assert response.status_code == 400
        assert response.json()["errors"]


def test_too_many_pixels_are_413(client: Client, settings: Any) -> None:
    settings.STUDIO_MAX_IMAGE_PIXELS = 100
    for response, field in (
        (post_file(client), "file"),
        (post_json(client, base64.b64encode(PNG).decode()), "image"),
    ):
        assert response.status_code == 413
        assert response.json()["code"] == "too_many_pixels"
        assert list(response.json()["errors"]) == [field]


def test_another_kind_of_request_is_415(client: Client) -> None:
    assert client.post(IMAGES, PNG, content_type="image/png").status_code == 415


def test_another_owners_image_is_404(client: Client, ann: dict[str, str]) -> None:
    image_id = post_file(client, **ann).json()["image_id"]
    for method, path in (("get", ""), ("get", "content/"), ("delete", "")):
        response = getattr(client, method)(f"{IMAGES}{image_id}/{path}")
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"
    assert client.get(f"{IMAGES}{image_id}/", headers=ann).status_code == 200
    assert post_file(client).json()["image_id"] != image_id


@pytest.mark.parametrize(
    "name", ["0" * 36, "-" * 36, "..", "1", "A" * 8, "00000000-0000-0000-0000-000000000000"]
)
@pytest.mark.parametrize("path", ["", "/", "/content/"])
def test_what_never_was_is_404(client: Client, name: str, path: str) -> None:
    response = client.get(f"{IMAGES}{name}{path}")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_content_comes_as_what_it_is(client: Client) -> None:
    for data, kind in ((PNG, "png"), (JPEG, "jpeg")):
        image_id = post_file(client, data).json()["image_id"]
        for accept in ("*/*", "image/png", "image/avif", "text/html"):
            response = client.get(f"{IMAGES}{image_id}/content/", headers={"accept": accept})
            assert response.status_code == 200
            assert response["Content-Type"] == f"image/{kind}"
            assert response["Content-Disposition"] == f'inline; filename="{image_id}.{kind}"'
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Cache-Control"].startswith("private")
            body = response.getvalue()
            assert int(response["Content-Length"]) == len(body)
            assert opened(body).format == kind.upper()


def test_content_that_is_known_is_not_sent_again(client: Client) -> None:
    body = post_file(client).json()
    path = f"{IMAGES}{body['image_id']}/content/"
    etag = client.get(path)["ETag"]
    assert etag == f'"{body["sha256"]}"'
    known = client.get(path, headers={"If-None-Match": etag})
    assert (known.status_code, known["ETag"], known.content) == (304, etag, b"")
    assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


def test_content_streams_under_asgi(async_client: AsyncClient, client: Client) -> None:
    body = post_file(client).json()

    async def fetch() -> bytes:
        response = await async_client.get(f"{IMAGES}{body['image_id']}/content/")
        assert response.is_async
        return b"".join([chunk async for chunk in response])

    assert len(asyncio.run(fetch())) == body["bytes"]


def test_content_whose_file_is_lost_is_404(client: Client, media: Path) -> None:
    image_id = post_file(client).json()["image_id"]
    for name in files_under(media):
        (media / name).unlink()
    assert client.get(f"{IMAGES}{image_id}/content/").status_code == 404


def test_delete(client: Client, media: Path) -> None:
    image_id = post_file(client).json()["image_id"]
    assert client.delete(f"{IMAGES}{image_id}/").status_code == 204
    assert files_under(media) == set()
    assert client.get(f"{IMAGES}{image_id}/").status_code == 404
    assert client.delete(f"{IMAGES}{image_id}/").status_code == 404


def test_an_image_in_use_is_not_deleted(client: Client) -> None:
    image_id = post_file(client).json()["image_id"]
    pin(StoredImage.objects.get(pk=image_id))
    response = client.delete(f"{IMAGES}{image_id}/")
    assert response.status_code == 409
    assert response.json()["code"] == "in_use"
    assert client.get(f"{IMAGES}{image_id}/content/").getvalue()


def test_there_is_no_list(client: Client) -> None:
    assert client.get(IMAGES).status_code == 405


class TestAdmin:
    def test_staff_who_may_view_see_thumbnails(
        self, admin_client: Client, client: Client, ann: dict[str, str]
    ) -> None:
        image_id = post_file(client, file_of(corners(800, 400)), **ann).json()["image_id"]
        listed = admin_client.get("/admin/images/storedimage/").content.decode()
        thumbnail = f"/admin/images/storedimage/{image_id}/thumbnail/"
        assert f'src="{thumbnail}"' in listed
        response = admin_client.get(thumbnail)
        assert response["Content-Type"] == "image/jpeg"
        assert opened(response.content).size == (160, 80)
        assert admin_client.get(f"/admin/images/storedimage/{image_id}/change/").status_code == 200

    def test_others_do_not(self, client: Client) -> None:
        image_id = post_file(client).json()["image_id"]
        thumbnail = f"/admin/images/storedimage/{image_id}/thumbnail/"
        assert client.get(thumbnail).status_code == 302
        User.objects.create_user("clerk", password="a-long-enough-one", is_staff=True)
        client.login(username="clerk", password="a-long-enough-one")
        assert client.get(thumbnail).status_code == 403

    def test_deleting_there_takes_the_file_too(
        self, admin_client: Client, client: Client, media: Path
    ) -> None:
        image_id = post_file(client).json()["image_id"]
        response = admin_client.post(f"/admin/images/storedimage/{image_id}/delete/", {"post": "yes"})
        assert response.status_code == 302
        assert files_under(media) == set()


def test_nothing_is_left_open_by_a_request(client: Client) -> None:
    post_file(client)
    assert not transaction.get_connection().in_atomic_block


def test_a_form_may_not_bring_a_picture_twice(client: Client) -> None:
    files = [SimpleUploadedFile(f"{name}.png", PNG, "image/png") for name in ("one", "two")]

    answer = client.post("/api/v1/images/", {"file": files})

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"file": ["Give this once."]}
    assert not StoredImage.objects.exists()
