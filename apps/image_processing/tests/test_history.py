"""The history of edits: one row a call, for its owner's eyes, with pictures that go with it."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from apps.image_processing.models import ProcessedImage
from apps.image_processing.tests.calls import BASE, body, noise, pixels, post
from core.images import store
from core.images.models import StoredImage
from core.images.tests.pictures import files_under, opened

pytestmark = pytest.mark.django_db(transaction=True)

HISTORY = f"{BASE}history/"


def headers(name: str) -> dict[str, str]:
    user = User.objects.create_user(name, f"{name}@example.com", "a-long-enough-one")
    return {"authorization": f"Bearer {AccessToken.for_user(user)}"}


def test_a_call_leaves_one_entry_with_both_pictures(client: Any) -> None:
    image = noise(30, 20)
    answer = post(client, "resize", image=image, width=15).json()
    rows = client.get(HISTORY).json()["results"]
    assert [row["id"] for row in rows] == [answer["history_id"]]
    entry = client.get(f"{HISTORY}{answer['history_id']}/").json()
    assert entry == rows[0]
    assert entry["operation"] == "resize"
    assert entry["request_id"] == answer["request_id"]
    assert entry["parameters"] == {"width": 15, "output_format": "png"} | {"height": None, "mode": "fit"}
    assert entry["processing_time"] == answer["processing_time"]
    before = opened(client.get(entry["links"]["input"]).getvalue())
    after = opened(client.get(entry["links"]["output"]).getvalue())
    assert (pixels(before) == pixels(image)).all()
    assert after.size == (15, 10)


def test_entries_come_newest_first_in_pages(client: Any) -> None:
    for angle in (90, 180, 270):
        post(client, "rotate", image=noise(9, 9), angle=angle)
    page = client.get(f"{HISTORY}?limit=2").json()
    assert [row["parameters"]["angle"] for row in page["results"]] == [270, 180]
    assert [row["parameters"]["angle"] for row in client.get(page["next"]).json()["results"]] == [90]


def test_deleting_an_entry_deletes_its_files(client: Any, media: Path) -> None:
    answer = post(client, "flip", image=noise(9, 9, seed=3), direction="vertical").json()
    other = post(client, "flip", image=noise(9, 9, seed=2), direction="vertical").json()
    assert len(files_under(media)) == 4
    assert client.delete(f"{HISTORY}{answer['history_id']}/").status_code == 204
    assert client.get(f"{HISTORY}{answer['history_id']}/").status_code == 404
    assert [row["id"] for row in client.get(HISTORY).json()["results"]] == [other["history_id"]]
    StoredImage.objects.update(expires_at=timezone.now())  # what came with a request is kept for minutes
    store.purge()
    row = ProcessedImage.objects.get()
    names = {Path(name).stem for name in files_under(media)}
    assert names == {str(row.input_image_id), str(row.output_image_id)}


def test_another_users_entry_is_not_there(client: Any) -> None:
    ann, bob = headers("ann"), headers("bob")
    fields = body(image=noise(9, 9), direction="vertical")
    mine = client.post(f"{BASE}flip/", fields, content_type="application/json", headers=ann).json()
    path = f"{HISTORY}{mine['history_id']}/"
    assert client.get(path, headers=ann).status_code == 200
    for who in (bob, {}):
        assert client.get(path, headers=who).status_code == 404
        assert client.delete(path, headers=who).status_code == 404
        assert client.get(HISTORY, headers=who).json()["results"] == []
    assert client.get(path, headers=ann).status_code == 200
    assert client.get(f"{HISTORY}{uuid.uuid4()}/", headers=ann).status_code == 404


def test_a_refused_call_leaves_no_entry(client: Any) -> None:
    assert post(client, "crop", image=noise(9, 9), box=[0, 0, 99, 99]).status_code == 400
    assert client.get(HISTORY).json()["results"] == []


def test_the_admin_shows_before_and_after(client: Any, admin_client: Any) -> None:
    answer = post(client, "flip", image=noise(9, 9), direction="vertical").json()
    listing = admin_client.get("/admin/image_processing/processedimage/")
    assert listing.status_code == 200
    assert answer["history_id"] in listing.content.decode()
    assert listing.content.decode().count("<img") >= 2
    page = admin_client.get(f"/admin/image_processing/processedimage/{answer['history_id']}/change/")
    assert page.status_code == 200
