"""What was swapped is kept: for its owner, with all three pictures, until it is deleted."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import numpy as np
import pytest

from apps.face_swap.tests.pictures import astronaut, b64, pixels_of, stranger
from core.images.tests.pictures import files_under, opened
from core.jobs.tests.studio import Studio

HISTORY = "/face-swap/history/"


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
        # What came with the request goes ten minutes after it came, unless something still needs it.
        assert client.delete(pictures["input"]).status_code == 204
        assert client.delete(pictures["source"]).json()["code"] == "in_use"
        other = client.get(f"{HISTORY}{second}/").json()
        assert client.delete(f"{HISTORY}{second}/").status_code == 204
        for path in (pictures["source"], f"/images/{other['input_image_id']}/"):
            assert client.delete(path).status_code == 204
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
