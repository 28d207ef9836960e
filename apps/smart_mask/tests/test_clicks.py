"""Clicks with SAM-type models over HTTP, on a server of its own that has tiny ones: the encoder runs once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import tomli_w

from apps.smart_mask.tests import tiny
from apps.smart_mask.tests.pictures import b64, opened, png
from core.jobs.tests.studio import Studio, wait_until

MASK = "/smart-mask/"
MODELS = {"tiny-sam2": "transformers.sam2", "tiny-sam": "transformers.sam", "tiny-mobile": "onnx.mobile-sam"}
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def sam_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    root = tmp_path_factory.mktemp("sam")
    write_catalogue(root / "state" / "models")
    studio = Studio(root, {"STUDIO_OPEN_REGISTRATION": "true", "STUDIO_CPU_SLOTS": "3"}).start()
    yield studio
    studio.close()


def write_catalogue(models: Path) -> None:
    """The user's own catalogue, with a folder for each of `MODELS`."""
    entries = []
    for model_id, loader in MODELS.items():
        tiny.SAVED[loader](models / "folders" / model_id)
        entries.append(
            {
                "id": model_id,
                "task": "mask-generation",
                "family": "tiny",
                "loader": loader,
                "source": {"path": str(models / "folders" / model_id)},
                "licence": "MIT",
                "licence_url": "",
                "commercial_use": True,
                "description": "Random weights.",
            }
        )
    (models / "catalogue.toml").write_text(tomli_w.dumps({"model": entries}))


@pytest.fixture(scope="module")
def ann(sam_studio: Studio) -> Iterator[httpx2.Client]:
    yield from member(sam_studio, "ann")


@pytest.fixture(scope="module")
def bob(sam_studio: Studio) -> Iterator[httpx2.Client]:
    yield from member(sam_studio, "bob")


def member(studio: Studio, name: str) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        who = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        made = client.post("/auth/register/", json=who)
        assert made.status_code == 201, made.text
        access = client.post("/auth/login/", json={"username": name, "password": PASSWORD}).json()["access"]
    with studio.client(headers={"Authorization": f"Bearer {access}"}) as client:
        yield client


def picture(number: int, width: int = 96, height: int = 64) -> bytes:
    """Another one for each number."""
    return png(np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8))


def click(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    answer = client.post(MASK, json=fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("model", MODELS)
def test_the_second_click_finds_the_embedding(ann: httpx2.Client, model: str) -> None:
    first = click(ann, image=b64(picture(1)), points=[[20, 30]], model=model)
    assert (first["cached"], first["model_used"]) == (False, model)
    again = click(ann, image_id=first["image_id"], points=[[20, 30]], model=model)
    assert again["cached"] is True
    assert again["mask_base64"] == first["mask_base64"], "from memory or anew, the same mask"
    assert again["score"] == first["score"]
    elsewhere = click(ann, image_id=first["image_id"], points=[[80, 50]], model=model)
    assert elsewhere["cached"] is True
    assert elsewhere["mask_base64"] != first["mask_base64"]
    by_content = click(ann, image=b64(picture(1)), points=[[20, 30]], model=model)
    assert by_content["cached"] is True, "the same bytes again are the same picture"
    assert opened(first["mask_base64"]).size == (96, 64)


def test_another_owner_and_another_model_start_anew(ann: httpx2.Client, bob: httpx2.Client) -> None:
    hers = click(ann, image=b64(picture(2)), points=[[20, 30]], model="tiny-sam")
    his = click(bob, image=b64(picture(2)), points=[[20, 30]], model="tiny-sam")
    assert (hers["cached"], his["cached"]) == (False, False)
    assert hers["image_id"] != his["image_id"]
    assert click(ann, image_id=hers["image_id"], points=[[1, 1]], model="tiny-sam2")["cached"] is False
    stranger = bob.post(MASK, json={"image_id": hers["image_id"], "points": [[1, 1]]})
    assert stranger.status_code == 400
    assert "image_id" in stranger.json()["errors"]


def test_auto_takes_the_best_that_is_installed(ann: httpx2.Client) -> None:
    """The first in the catalogue's order; the better ones of the studio's own are not installed."""
    assert click(ann, image=b64(picture(3)), auto_detect=True)["model_used"] == "tiny-sam2"


def test_an_upload_begins_what_the_first_click_needs(ann: httpx2.Client) -> None:
    uploaded = ann.post("/images/", json={"image": b64(picture(4)), "prepare": "smart-mask"}).json()
    wait_until(lambda: ann.get(f"/jobs/{uploaded['preparing']}/").json()["completed_at"])
    assert click(ann, image_id=uploaded["image_id"], points=[[5, 5]])["cached"] is True


def test_clicks_at_the_same_time_share_one_embedding(ann: httpx2.Client) -> None:
    image_id = ann.post("/images/", json={"image": b64(picture(5))}).json()["image_id"]
    answers: list[dict[str, Any]] = []
    at_once = threading.Barrier(3)

    def one(x: int) -> None:
        at_once.wait()
        answers.append(click(ann, image_id=image_id, points=[[x, 30]], model="tiny-sam"))

    threads = [threading.Thread(target=one, args=(x,)) for x in (10, 40, 80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["cached"] for answer in answers) == [False, True, True]


def test_the_models_page_knows_them(ann: httpx2.Client) -> None:
    model = ann.get("/models/tiny-sam/").json()
    assert (model["task"], model["installed"]) == ("mask-generation", True)


class TestCancel:
    def test_a_strangers_cancel_cancels_nothing(self, ann: httpx2.Client, bob: httpx2.Client) -> None:
        job = ann.post(
            "/smart-mask/async/", json={"image": b64(picture(6)), "points": [[5, 5]], "request_id": "anns"}
        ).json()
        assert bob.post("/smart-mask/cancel/anns/").status_code == 404
        wait_until(lambda: ann.get(f"/jobs/{job['task_id']}/").json()["status"] == "done")

    def test_one_that_waits_for_its_turn(self, ann: httpx2.Client) -> None:
        with busy(ann):
            job = ann.post(
                "/smart-mask/async/",
                json={"image": b64(picture(7)), "points": [[5, 5]], "request_id": "late"},
            ).json()
            answer = ann.post("/smart-mask/cancel/late/").json()
            assert (answer["success"], answer["request_id"]) == (True, "late")
            assert ann.get(f"/jobs/{job['task_id']}/").json()["status"] == "cancelled"

    def test_a_call_that_waits(self, ann: httpx2.Client) -> None:
        """Cancelled from another connection while it stands in the queue: it is answered at once."""
        answers: list[httpx2.Response] = []
        fields = {"image": b64(picture(8)), "points": [[5, 5]], "request_id": "waiting"}
        caller = threading.Thread(target=lambda: answers.append(ann.post(MASK, json=fields)))
        with busy(ann):
            caller.start()
            cancelled = wait_until(lambda: _cancelled(ann, "waiting"))
            caller.join(timeout=30)
        assert cancelled["success"] is True
        assert (answers[0].status_code, answers[0].json()["code"]) == (409, "cancelled")


@contextmanager
def busy(client: httpx2.Client) -> Iterator[None]:
    """Work enough in every slot to stand in a queue; at the end it is cancelled, all under one name."""
    image_id = client.post("/images/", json={"image": b64(picture(9, 384, 384))}).json()["image_id"]
    slow = {"image_id": image_id, "model": "grabcut", "auto_detect": True, "request_id": "busy"}
    jobs = [client.post("/smart-mask/async/", json=slow).json()["task_id"] for _ in range(15)]
    yield
    assert client.post("/smart-mask/cancel/busy/").json()["success"] is True
    ended = [wait_until(partial(_ended, client, job)) for job in jobs]
    assert "cancelled" in {job["status"] for job in ended}


def _cancelled(client: httpx2.Client, request_id: str) -> dict[str, Any] | None:
    """The answer, once there is something of that name."""
    answer = client.post(f"/smart-mask/cancel/{request_id}/")
    body: dict[str, Any] = answer.json()
    return body if answer.status_code == 200 else None


def _ended(client: httpx2.Client, task_id: str) -> dict[str, Any] | None:
    job: dict[str, Any] = client.get(f"/jobs/{task_id}/").json()
    return job if job["completed_at"] else None
