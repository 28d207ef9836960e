"""What was swapped is kept: for its owner, with all three pictures, until it is deleted."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from django.test import Client

from apps.face_swap.models import FaceSwap
from apps.face_swap.operations import SWAP
from apps.face_swap.tests.pictures import astronaut, b64, pixels_of, stranger
from core import operations
from core.exceptions import InvalidInput
from core.images.picture import Picture
from core.images.tests.pictures import files_under, opened
from core.jobs.tests.studio import Studio
from core.operations import SavedImage
from core.operations.inline import InlineContext

HISTORY = "/face-swap/history/"


@pytest.fixture
def scratch_media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def swap(client: httpx2.Client, *, shade: int = 0, **fields: Any) -> dict[str, Any]:
    """A swap into a picture of its own for each `shade`."""
    target = astronaut()
    target[0, 0] = shade
    body = {"source_image": b64(stranger()), "target_image": b64(target), "consent": True, **fields}
    response = client.post("/face-swap/swap/", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_an_entry_says_what_was_done_with_which_pictures(client: httpx2.Client) -> None:
    said = swap(client, blend=0.9, target_face_index="all", output_format="webp")
    entry = client.get(f"{HISTORY}{said['history_id']}/").json()
    assert entry["request_id"] == said["request_id"]
    assert entry["model"] == "haar+blend"
    assert entry["processing_time"] == said["processing_time"]
    assert entry["parameters"] == {
        "source_face_index": 0,
        "target_face_index": "all",
        "blend": 0.9,
        "consent": True,
        "output_format": "webp",
    }
    seen = {name: np.array(opened(client.get(link).content)) for name, link in entry["links"].items()}
    assert set(seen) == {"input", "source", "output"}
    assert (seen["source"] == stranger()).all()
    assert (seen["input"][1:] == astronaut()[1:]).all()
    assert (seen["output"] == pixels_of(said["image_bytes"])).all()


def test_the_newest_comes_first(client: httpx2.Client) -> None:
    ids = [swap(client, shade=shade)["history_id"] for shade in (1, 2)]
    listed = client.get(HISTORY, params={"limit": 2}).json()
    assert [entry["id"] for entry in listed["results"]] == ids[::-1]
    assert listed["next"]


def test_deleting_an_entry_deletes_its_pictures(new_studio: Callable[..., Studio]) -> None:
    """And only its own: the source is kept while another entry needs it, whoever restarts the server."""
    studio = new_studio()
    with studio.client() as client:
        first, second = (swap(client, shade=shade)["history_id"] for shade in (3, 4))
    studio.stop()
    studio.start()
    with studio.client() as client:
        entry = client.get(f"{HISTORY}{first}/").json()
        pictures = {name: f"/images/{entry[name + '_image_id']}/" for name in ("input", "output", "source")}
        assert client.delete(pictures["input"]).json()["code"] == "in_use"
        assert client.delete(f"{HISTORY}{first}/").status_code == 204
        assert client.get(f"{HISTORY}{first}/").status_code == 404
        assert client.get(pictures["output"]).status_code == 404
        assert client.get(pictures["input"]).status_code == 404
        assert client.delete(pictures["source"]).json()["code"] == "in_use"
        other = client.get(f"{HISTORY}{second}/").json()
        assert client.delete(f"{HISTORY}{second}/").status_code == 204
        for path in (pictures["source"], f"/images/{other['input_image_id']}/"):
            assert client.get(path).status_code == 404
    assert files_under(studio.root / "media") == set()


def test_what_is_another_users_is_not_there(new_studio: Callable[..., Studio]) -> None:
    studio = new_studio(STUDIO_OPEN_REGISTRATION="true")
    with studio.client() as anna, studio.client() as ben:
        for client, name in ((anna, "anna"), (ben, "ben")):
            log_in(client, name)
        history_id = swap(anna, shade=5)["history_id"]
        assert ben.get(HISTORY).json()["results"] == []
        assert ben.get(f"{HISTORY}{history_id}/").status_code == 404
        assert ben.delete(f"{HISTORY}{history_id}/").status_code == 404
        entry = anna.get(f"{HISTORY}{history_id}/").json()
        body = {"source_image": b64(stranger()), "target_image_id": entry["input_image_id"], "consent": True}
        refused = ben.post("/face-swap/swap/", json=body)
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["target_image_id"])
        assert anna.post("/face-swap/swap/", json=body).status_code == 200


def log_in(client: httpx2.Client, name: str) -> None:
    known = {"email": f"{name}@example.com", "password": "a long pass phrase of hers"}
    assert client.post("/auth/register/", json={**known, "username": name}).status_code == 201
    access = client.post("/auth/login/", json=known).json()["access"]
    client.headers["Authorization"] = f"Bearer {access}"


class Attempt(InlineContext):
    """One of several attempts at the same run, as a job makes them after a crash."""

    def __init__(self, run_id: str, made: dict[int, SavedImage]) -> None:
        super().__init__(owner="anonymous", share="address:192.0.2.1", request_id="r")
        self.run_id = run_id
        self._made = made

    def finished(self) -> dict[int, SavedImage]:
        return self._made


def prepared(**fields: Any) -> Any:
    pictures = {name: Picture(base64.b64decode(b64(stranger()))) for name in ("source_image", "target_image")}
    return operations.prepare(SWAP, owner="anonymous", **pictures, **fields)


def test_a_second_attempt_records_nothing_twice(db: None, scratch_media: Path) -> None:
    work = prepared(consent=True)
    first = operations.run(SWAP, work, Attempt("run", {}))
    second = operations.run(SWAP, work, Attempt("run", {0: first.images[0]}))
    assert second.history_id == first.history_id
    assert second.images == first.images
    assert second.metadata == first.metadata
    assert FaceSwap.objects.count() == 1


def test_whoever_asks_has_to_have_consent(db: None, scratch_media: Path) -> None:
    """Other apps run this operation too, and no serializer of ours stands before them."""
    for fields in ({}, {"consent": False}):
        with pytest.raises(InvalidInput) as refused:
            prepared(**fields)
        assert refused.value.error_code == "consent_required"
    assert files_under(scratch_media) == set()


def test_the_admin_sees_who_became_whom(admin_client: Client, scratch_media: Path) -> None:
    operations.run(SWAP, prepared(consent=True), Attempt("run", {}))
    page = admin_client.get("/admin/face_swap/faceswap/").content.decode()
    assert page.count("<img") >= 3
    entry = admin_client.get(f"/admin/face_swap/faceswap/{FaceSwap.objects.get().pk}/change/")
    assert entry.status_code == 200
    assert "haar+blend" in entry.content.decode()
