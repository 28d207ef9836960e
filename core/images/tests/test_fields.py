"""A picture in a request: sent, or named."""

import base64
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import StudioView
from core.images.fields import PictureField, PictureSerializer
from core.images.picture import Picture
from core.images.tests.pictures import corners, file_of
from core.images.tests.stored import uploaded

PNG = file_of(corners())
TEXT = base64.b64encode(PNG).decode()


class PaintSerializer(PictureSerializer):
    image = PictureField()
    mask = PictureField(required=False)


class PaintView(StudioView):
    """Says what it was given."""

    @extend_schema(operation_id="paint", request=PaintSerializer, responses=None)
    def post(self, request: Request) -> Response:
        given: dict[str, Picture] = self.validated(PaintSerializer)
        said = {
            name: {"size": picture.image.size, "mode": picture.image.mode, "id": picture.image_id}
            for name, picture in given.items()
        }
        return Response(said)


urlpatterns = [path("paint/", PaintView.as_view()), path("", include("backendAI.urls"))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def paint(client: Client, **body: Any) -> Any:
    return client.post("/paint/", body, content_type="application/json")


@pytest.fixture
def image_id() -> str:
    return str(uploaded("anonymous", PNG).pk)


def test_a_picture_is_sent_or_named(client: Client, image_id: str) -> None:
    seen = {"size": [32, 16], "mode": "RGB"}
    assert paint(client, image=TEXT).json() == {"image": {**seen, "id": None}}
    assert paint(client, image_id=image_id).json() == {"image": {**seen, "id": image_id}}
    assert paint(client, image=TEXT, mask_id=image_id).json() == {
        "image": {**seen, "id": None},
        "mask": {**seen, "id": image_id},
    }


def test_a_form_may_mix_files_and_names(client: Client, image_id: str) -> None:
    body = {"image": SimpleUploadedFile("a.png", PNG), "mask_id": image_id}
    response = client.post("/paint/", body)
    assert response.status_code == 200
    assert response.json()["mask"]["id"] == image_id


@pytest.mark.parametrize("body", [{}, {"image": None}, {"image_id": None}, {"mask": TEXT}])
def test_a_needed_picture_that_is_missing_is_said(client: Client, body: dict[str, Any]) -> None:
    response = paint(client, **body)
    assert response.status_code == 400
    assert set(response.json()["errors"]) <= {"image", "image_id"}


def test_empty_form_fields_are_no_pictures(client: Client, image_id: str) -> None:
    response = client.post("/paint/", {"image": SimpleUploadedFile("a.png", PNG), "mask": "", "mask_id": ""})
    assert response.status_code == 200
    assert list(response.json()) == ["image"]


@pytest.mark.parametrize("name", ["image", "mask"])
def test_both_are_one_too_many(client: Client, image_id: str, name: str) -> None:
    response = paint(client, **{"image": TEXT, name: TEXT, f"{name}_id": image_id})
    assert response.status_code == 400
    assert response.json()["errors"] == {name: [f"Give either {name} or {name}_id, not both."]}


def test_an_unknown_name_is_an_error_of_its_field(client: Client) -> None:
    foreign = str(uploaded("user:99", PNG).pk)
    for value, code in (
        (foreign, "unknown_image"),
        (str(uuid.uuid4()), "unknown_image"),
        ("x", "invalid"),
        (7, None),
    ):
        response = paint(client, image_id=value)
        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["image_id"]
        if code:
            assert response.json()["code"] == code


def test_a_bad_picture_is_an_error_of_its_field(client: Client, settings: Any) -> None:
    response = paint(client, image=TEXT, mask="hello")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["mask"]
    settings.STUDIO_MAX_IMAGE_PIXELS = 10
    response = paint(client, image=TEXT)
    assert response.status_code == 413
    assert list(response.json()["errors"]) == ["image"]


def test_the_schema_shows_both_ways() -> None:
    schema = SchemaGenerator(urlconf=__name__).get_schema(request=None, public=True)
    described = schema["components"]["schemas"]["Paint"]
    properties = described["properties"]
    assert {"type": "string", "format": "byte"}.items() <= properties["image"].items()
    assert properties["mask_id"]["format"] == "uuid"
    assert set(properties) == {"image", "image_id", "mask", "mask_id"}
    assert "required" not in described
