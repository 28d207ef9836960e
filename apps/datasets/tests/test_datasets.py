"""A set is made, streamed, fetched, cancelled and deleted over HTTP, on a real server."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import datasets
import httpx2
import numpy as np
import pytest
from PIL import Image

from core.jobs.tests.studio import Studio, events, wait_until

GENERATE = "/datasets/generate/"


def body(**fields: Any) -> dict[str, Any]:
    return {"class_label": "a red ball", "output_size": 4, "seed": 7, "num_inference_steps": 2, **fields}


def queued(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"{GENERATE}async/", json=body(**fields))
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    return job


def ended(client: httpx2.Client, job: dict[str, Any], status: str = "done") -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        shown: dict[str, Any] = client.get(f"/jobs/{job['task_id']}/").json()
        return shown if shown["status"] in ("done", "error", "cancelled") else None

    shown = wait_until(over, seconds=60)
    assert shown["status"] == status, shown
    return shown


def unzipped(client: httpx2.Client, dataset_id: str) -> zipfile.ZipFile:
    answer = client.get(f"/datasets/{dataset_id}/download/")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def lines(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read("metadata.jsonl").decode().splitlines()]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_small_set_is_made_while_one_waits(studio: Studio) -> None:
    with studio.client() as client:
        answer = client.post(GENERATE, json=body(output_size=2, deterministic=True))
        said = answer.json()
        shown = client.get(f"/datasets/{said['id']}/").json()
        again = client.post(GENERATE, json=body(output_size=2, deterministic=True)).json()
        zipped = client.get(said["download_link"])

    assert answer.status_code == 200
    assert (said["class_label"], said["noise_level"], said["output_size"]) == ("a red ball", 0.0, 2)
    assert [opened(base64.b64decode(picture)).size for picture in said["preview"]] == [(256, 256)] * 2
    assert again["preview"] == said["preview"], "the same seed, the same set"
    assert (shown["file_count"], shown["is_successful"], shown["error_message"]) == (2, True, "")
    assert (shown["seed"], shown["model"], shown["licence"]) == (7, "starter", "Apache-2.0")
    assert shown["output_directory"] == f"datasets/{said['id']}"
    assert shown["device_used"] == "cpu"
    assert shown["generation_time"] > 0
    assert zipped.status_code == 200


def test_more_than_four_pictures_are_for_the_async_call(studio: Studio) -> None:
    with studio.client() as client:
        answer = client.post(GENERATE, json=body(output_size=5))

    assert answer.status_code == 400
    assert answer.json()["code"] == "use_async"
    assert "output_size" in answer.json()["errors"]


def test_a_set_is_streamed_listed_shown_fetched_and_deleted(studio: Studio, tmp_path: Path) -> None:
    with studio.client() as client:
        job = queued(client, output_size=9, class_label="quả bóng đỏ")
        dataset_id = job["dataset_id"]
        waiting = client.get(f"/datasets/{dataset_id}/").json()
        told = [
            data for _, name, data in events(client, f"/jobs/{job['task_id']}/stream/") if name == "image"
        ]
        listed = client.get("/datasets/", params={"limit": 1}).json()
        previews = client.get(f"/datasets/{dataset_id}/preview/").json()
        archive = unzipped(client, dataset_id)
        busy = client.get("/datasets", params={"limit": 0})
        deleted = client.delete(f"/datasets/{dataset_id}/")
        gone = [
            client.get(f"/datasets/{dataset_id}/{path}").status_code for path in ("", "preview/", "download/")
        ]

    assert waiting["is_successful"] is False
    assert sorted(data["index"] for data in told) == list(range(9))
    assert all(opened(base64.b64decode(data["image"])).format == "PNG" for data in told)
    assert listed == [
        {name: listed[0][name] for name in ("id", "class_label", "noise_level", "output_size", "created_at")}
        | {"file_count": 9, "is_successful": True}
    ]
    assert listed[0]["id"] == dataset_id
    assert len(previews["preview"]) == 8
    assert opened(base64.b64decode(previews["preview"][0])).format == "JPEG"
    names = [f"images/{index:06d}.png" for index in range(9)]
    assert archive.namelist() == ["README.md", "metadata.jsonl", *names]
    known = lines(archive)
    assert [line["file_name"] for line in known] == names
    assert {line["label"] for line in known} == {"quả bóng đỏ"}
    assert all("quả bóng đỏ" in line["text"] for line in known)
    assert len({line["seed"] for line in known}) == 9
    assert {data["seed"] for data in told} == {line["seed"] for line in known}
    assert "license: apache-2.0" in archive.read("README.md").decode()
    assert busy.status_code == 400
    assert (deleted.status_code, gone) == (204, [404, 404, 404])
    assert not (studio.root / "media" / "datasets" / dataset_id).exists()

    archive.extractall(tmp_path / "set")
    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(tmp_path / "set"), cache_dir=str(tmp_path / "cache")
    )
    assert loaded["train"].num_rows == 9
    assert sorted(loaded["train"]["seed"]) == sorted(line["seed"] for line in known)
    assert loaded["train"][0]["image"].size == (256, 256)


def test_noise_is_as_strong_as_it_says_and_the_picture_tells(studio: Studio) -> None:
    with studio.client() as client:
        clean, noisy = (
            client.post(GENERATE, json=body(output_size=1, noise_level=level)).json() for level in (0, 0.2)
        )
        archive = unzipped(client, noisy["id"])

    before, after = (opened(base64.b64decode(said["preview"][0])) for said in (clean, noisy))
    inside = (np.asarray(before) > 64) & (np.asarray(before) < 192)
    assert inside.sum() > 10_000
    difference = np.asarray(after, float)[inside] - np.asarray(before, float)[inside]
    assert abs(difference.std() - 0.2 * 63.75) < 0.3
    assert abs(difference.mean()) < 0.3
    stored = opened(archive.read("images/000000.png"))
    assert stored.tobytes() == after.tobytes()
    written = json.loads(stored.info["studio"])
    assert (written["noise_level"], written["steps"], written["model"]) == (0.2, 2, "starter")
    assert stored.info["parameters"].startswith(written["prompt"])


def test_what_exists_when_a_set_is_cancelled_stays(studio: Studio) -> None:
    with studio.client() as client:
        job = queued(client, output_size=60, num_inference_steps=8)
        path = f"/datasets/{job['dataset_id']}/"
        wait_until(lambda: client.get(path).json()["file_count"] >= 2)
        busy = client.delete(path)
        client.post(f"/jobs/{job['task_id']}/cancel/")
        ended(client, job, "cancelled")
        shown = client.get(path).json()
        archive = unzipped(client, job["dataset_id"])
        deleted = client.delete(path)

    assert (busy.status_code, busy.json()["code"]) == (409, "in_use")
    assert 2 <= shown["file_count"] < 60
    assert shown["is_successful"] is False
    assert "cancelled" in shown["error_message"]
    assert len(archive.namelist()) == shown["file_count"] + 2
    assert deleted.status_code == 204
    assert not (studio.root / "media" / "datasets" / job["dataset_id"]).exists()


def test_own_prompts_are_used_in_turn(studio: Studio) -> None:
    with studio.client() as client:
        said = client.post(
            GENERATE, json=body(output_size=3, prompts=["{label} in the snow", "a {0} {label.x} star"])
        ).json()
        known = lines(unzipped(client, said["id"]))

    assert [line["text"] for line in known] == [
        "a red ball in the snow",
        "a {0} {label.x} star",
        "a red ball in the snow",
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"class_label": ""}, "class_label"),
        ({"class_label": "a" * 201}, "class_label"),
        ({"class_label": 5}, "class_label"),
        ({"output_size": 0}, "output_size"),
        ({"output_size": 1001}, "output_size"),
        ({"output_size": True}, "output_size"),
        ({"noise_level": 1.01}, "noise_level"),
        ({"noise_level": -0.1}, "noise_level"),
        ({"noise_level": "nan"}, "noise_level"),
        ({"seed": 2**32}, "seed"),
        ({"prompts": []}, "prompts"),
        ({"prompts": [""]}, "prompts[0]"),
        ({"prompts": ["x"] * 101}, "prompts"),
        ({"model": "nope"}, "model"),
        ({"model": "../../etc"}, "model"),
        ({"output_directory": "/etc"}, "output_directory"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_made(studio: Studio, fields: dict[str, Any], field: str) -> None:
    with studio.client() as client:
        before = client.get("/datasets/", params={"limit": 1000}).json()
        answers = [client.post(path, json=body(**fields)) for path in (GENERATE, f"{GENERATE}async/")]
        after = client.get("/datasets/", params={"limit": 1000}).json()

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all(field in answer.json()["errors"] for answer in answers), answers[0].text
    assert before == after
