"""The pictures behind a result: for an hour, and for nobody else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from apps.image_generation.editing import kept_images
from apps.image_generation.models import RequestImage
from core.images import store
from core.operations.inline import InlineContext

PICTURES = {"input": Image.new("RGB", (4, 3), "red"), "mask": Image.new("L", (4, 3), 255)}
URL = "/api/v1/image-generation/requests/mine/images/"

pytestmark = pytest.mark.django_db


def keep(owner: str, request_id: str = "mine") -> dict[str, object]:
    context = InlineContext(owner=owner, share=owner, request_id=request_id)
    return {**kept_images.keep(context, PICTURES)}


def test_they_are_listed_in_order_for_their_owner_alone(client: Client) -> None:
    keep("user:5")
    assert client.get(URL).status_code == 404

    kept = keep("anonymous")
    answer = client.get(URL).json()

    assert [(image["label"], image["image_id"]) for image in answer["images"]] == [
        (label, str(image_id)) for label, image_id in kept.items()
    ]
    assert client.get(answer["images"][0]["url"]).status_code == 200


def test_after_an_hour_they_are_gone_and_their_rows_go_with_the_next(client: Client) -> None:
    keep("anonymous")
    RequestImage.objects.update(created_at=timezone.now() - timedelta(seconds=kept_images.SECONDS + 1))
    assert client.get(URL).status_code == 404

    keep("anonymous", "another")

    assert set(RequestImage.objects.values_list("request_id", flat=True)) == {"another"}


def test_a_row_keeps_no_picture_from_being_deleted(client: Client) -> None:
    kept = keep("anonymous")

    assert store.purge(timezone.now() + timedelta(seconds=kept_images.SECONDS + 1)) == len(kept)
    assert client.get(URL).status_code == 404


def test_an_id_that_is_none(client: Client) -> None:
    for request_id in ("..%2f..", "a" * 129, str(uuid4())):
        assert client.get(f"/api/v1/image-generation/requests/{request_id}/images/").status_code == 404
