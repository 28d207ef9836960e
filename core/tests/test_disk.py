"""A disk that is nearly full: nothing new is taken on, and all that makes room goes on working."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core import disk
from core.api.tests.shape import assert_error
from core.images import store
from core.images.tests.pictures import file_of
from core.jobs.models import Job

pytestmark = pytest.mark.django_db

MORE_THAN_THERE_IS = 10**18
SOME, OTHER = (file_of(Image.new("RGB", (9, 9), colour)) for colour in ("red", "blue"))


def paint(http: Client, call: str) -> Any:
    url = f"/api/v1/image-generation/{call}"
    return http.post(url, {"prompt": "a cat"}, content_type="application/json")


def upload(http: Client, data: bytes) -> Any:
    return http.post("/api/v1/images/", {"file": SimpleUploadedFile("x.png", data)})


def test_nothing_new_is_taken_on_and_what_is_there_can_be_fetched_and_deleted(settings: Any) -> None:
    http = Client()
    image = upload(http, SOME).json()["image_id"]
    files = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    settings.STUDIO_MIN_FREE_BYTES = MORE_THAN_THERE_IS

    for refused in (
        upload(http, OTHER),
        paint(http, "generate/"),
        paint(http, "generate/async/"),
    ):
        assert_error(refused, 503, "disk_full")
        assert refused["Retry-After"]

    assert not Job.objects.exists()
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*")) == files
    assert upload(http, SOME).json()["image_id"] == image, "the same bytes need no room"
    assert "studio_disk_free_bytes" in http.get("/metrics").content.decode()
    assert http.get(f"/api/v1/images/{image}/content/").status_code == 200
    assert http.delete(f"/api/v1/images/{image}/").status_code == 204


def test_what_has_been_taken_on_is_carried_out(settings: Any) -> None:
    settings.STUDIO_MIN_FREE_BYTES = MORE_THAN_THERE_IS

    made = store.save(owner="anonymous", data=SOME, width=9, height=9, format="png")

    assert store.read(made) == SOME


def test_a_folder_that_is_yet_to_be_made_is_on_its_parents_disk(settings: Any, tmp_path: Path) -> None:
    settings.STUDIO_MEDIA_ROOT = tmp_path / "not" / "yet"

    disk.check_space()
