"""POST /face-swap/detect/ on a real server, with what is there without a download."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import ExifTags, Image

from apps.face_swap.tests.pictures import astronaut, b64, nobody, two_faces
from core.images.tests.pictures import corners, file_of
from core.jobs.tests.studio import Studio

DETECT = "/face-swap/detect/"


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def test_the_face_and_its_features_are_where_they_are(client: httpx2.Client) -> None:
    response = client.post(DETECT, json={"image": b64(astronaut())})
    assert response.status_code == 200, response.text
    said = response.json()
    assert (said["success"], said["count"], said["model_used"]) == (True, 1, "haar")
    assert said["request_id"] == response.headers["X-Request-Id"]
    [face] = said["faces"]
    assert face["index"] == 0
    assert np.abs(np.array(face["bbox"]) - [178, 68, 270, 160]).max() < 8
    seen = [[202, 101], [248, 104], [224, 125], [206, 144], [240, 144]]  # by a person
    assert np.abs(np.array(face["landmarks"]) - seen).max() < 8
    assert 0.5 < face["score"] <= 1


def test_faces_are_counted_from_the_largest(client: httpx2.Client) -> None:
    faces = client.post(DETECT, json={"image": b64(two_faces())}).json()["faces"]
    assert [face["index"] for face in faces] == [0, 1]
    assert faces[0]["bbox"][0] > 256 > faces[1]["bbox"][2]


def test_a_picture_without_a_face_is_no_mistake(client: httpx2.Client) -> None:
    said = client.post(DETECT, json={"image": b64(nobody())}).json()
    assert (said["success"], said["count"], said["faces"]) == (True, 0, [])


def test_a_file_and_a_stored_picture_do_as_well(client: httpx2.Client) -> None:
    data = base64.b64decode(b64(astronaut()))
    by_file = client.post(DETECT, files={"image": ("a.png", data)})
    image_id = client.post("/images/", files={"file": ("a.png", data)}).json()["image_id"]
    by_id = client.post(DETECT, json={"image_id": image_id})
    assert by_file.json()["faces"] == by_id.json()["faces"]
    assert by_id.json()["count"] == 1


def test_grey_and_transparent_pictures_have_faces_too(client: httpx2.Client) -> None:
    for mode in ("L", "RGBA", "P"):
        image = Image.fromarray(astronaut()).convert(mode)
        assert client.post(DETECT, json={"image": b64(image)}).json()["count"] == 1, mode


def test_a_phones_photo_that_lies_on_its_side(client: httpx2.Client) -> None:
    """Boxes are those of the upright picture."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # turn it clockwise to see it upright
    lying = Image.fromarray(astronaut()).transpose(Image.Transpose.ROTATE_90)
    data = file_of(lying, "JPEG", exif=exif, quality=95)
    [face] = client.post(DETECT, files={"image": ("a.jpg", data)}).json()["faces"]
    assert np.abs(np.array(face["bbox"]) - [178, 68, 270, 160]).max() < 8


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "image"),
        ({"image": None}, "image"),
        ({"image": "no picture"}, "image"),
        ({"image": base64.b64encode(b"no picture").decode()}, "image"),
        ({"image": 3}, "image"),
        ({"image": ["a", "b"]}, "image"),
        ({"image_id": "00000000-0000-4000-8000-000000000000"}, "image_id"),
        ({"image": b64(corners()), "image_id": "00000000-0000-4000-8000-000000000000"}, "image_id"),
        ({"image": b64(corners()), "model": "starter"}, "model"),
        ({"image": b64(corners()), "model": "../yunet"}, "model"),
        ({"image": b64(corners()), "model": "gone"}, "model"),
        ({"image": b64(corners()), "blend": 1}, "blend"),
    ],
)
def test_rubbish_is_refused_by_name(client: httpx2.Client, body: dict[str, Any], field: str) -> None:
    response = client.post(DETECT, json=body)
    assert response.status_code == 400, response.text
    assert field in response.json()["errors"]


def test_two_pictures_are_one_too_many(client: httpx2.Client) -> None:
    data = file_of(corners())
    image_id = client.post("/images/", files={"file": ("a.png", data)}).json()["image_id"]
    response = client.post(DETECT, data={"image_id": image_id}, files={"image": ("a.png", data)})
    assert response.status_code == 400
    assert "not both" in response.json()["errors"]["image"][0]


def test_one_pixel_has_no_face(client: httpx2.Client) -> None:
    assert client.post(DETECT, json={"image": b64(np.zeros((1, 1, 3), np.uint8))}).json()["count"] == 0


def test_a_model_that_is_not_here_says_how_to_get_it(client: httpx2.Client) -> None:
    response = client.post(DETECT, json={"image": b64(corners()), "model": "yunet"})
    assert (response.status_code, response.json()["code"]) == (503, "model_missing")
    assert "manage.py models pull yunet" in response.json()["detail"]


def test_a_licence_that_nobody_accepted(client: httpx2.Client) -> None:
    response = client.post(DETECT, json={"image": b64(corners()), "model": "inswapper-128"})
    assert (response.status_code, response.json()["code"]) == (403, "licence_not_accepted")
    assert "STUDIO_ACCEPT_LICENCES" in response.json()["detail"]
