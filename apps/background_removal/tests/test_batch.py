"""Up to 32 pictures in one job, and the zip of what came of them."""

import base64
import io
import json
import zipfile
from typing import Any

import httpx2
import pytest
from django.test import Client
from PIL import Image

from apps.background_removal.tests.pictures import (
    SUBJECT,
    decoded,
    encoded,
    file_of,
    inside,
    outside,
    pixels,
    scene,
)
from core.jobs.models import Job, Status
from core.jobs.tests.studio import Studio, events, wait_until

BATCH = "/background-removal/batch/"


def submit(client: httpx2.Client, images: list[Any], **fields: Any) -> dict[str, Any]:
    response = client.post(BATCH, json={"images": images, "model": "u2netp", **fields})
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.json()
    return job


def ended(client: httpx2.Client, job: dict[str, Any]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        now: dict[str, Any] = client.get(f"/jobs/{job['task_id']}/").json()
        return now if now["status"] in {"done", "error", "cancelled"} else None

    return wait_until(look)


def unzipped(response: httpx2.Response) -> dict[str, bytes]:
    assert response.status_code == 200, response.text
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_picture_comes_back_in_the_zip(client: httpx2.Client) -> None:
    shades = [(255, 250, 240), (250, 255, 245), (240, 250, 255)]
    photos = [scene(), scene(), scene()]
    for photo, shade in zip(photos, shades, strict=True):
        photo.paste(shade, (24, 16, 72, 48))
    uploaded = client.post("/images/", json={"image": encoded(photos[2])}).json()["image_id"]
    job = submit(client, [encoded(photo) for photo in photos[:2]], image_ids=[uploaded], background="#102030")

    assert job["kind"] == "background_removal.batch"
    assert job["rejected"] == []
    assert len(job["images"]) == 3
    done = ended(client, job)
    assert [image["index"] for image in done["images"]] == [0, 1, 2]
    response = client.get(job["links"]["download"])
    assert response.headers["Content-Type"] == "application/zip"
    assert "attachment" in response.headers["Content-Disposition"]
    files = unzipped(response)
    assert list(files) == ["results.json", "01.png", "02.png", "03.png"]
    for name, shade in zip(("01.png", "02.png", "03.png"), shades, strict=True):
        made = pixels(decoded(files[name]))
        assert (inside(made) == shade).all()
        assert (outside(made) == (16, 32, 48)).all()
    results = json.loads(files["results.json"])
    assert [(entry["index"], entry["error"]) for entry in results] == [(0, None), (1, None), (2, None)]
    for entry in results:
        row = client.get(f"/background-removal/history/{entry['history_id']}/").json()
        assert row["output_image_id"] == entry["image_id"]


def test_files_of_a_form(client: httpx2.Client) -> None:
    parts = [("images", (f"{number}.png", file_of(scene()))) for number in range(2)]
    response = client.post(
        BATCH, files=parts, data={"model": "u2netp", "only_mask": "true", "output_format": "jpeg"}
    )
    assert response.status_code == 202, response.text
    job = response.json()
    assert ended(client, job)["status"] == "done"
    files = unzipped(client.get(job["links"]["download"]))
    assert list(files) == ["results.json", "01.jpeg", "02.jpeg"]
    assert decoded(files["02.jpeg"]).mode == "L"


def test_broken_pictures_do_not_spoil_the_others(client: httpx2.Client) -> None:
    broken = encoded(scene())[:120]
    animated = io.BytesIO()
    scene().save(animated, "GIF", save_all=True, append_images=[Image.new("RGB", (96, 64))])
    missing = "00000000-0000-4000-8000-000000000000"
    text = base64.b64encode(b"no picture").decode()
    job = submit(client, [broken, encoded(scene()), text], image_ids=[missing])

    assert [(each["index"], each["code"]) for each in job["rejected"]] == [
        (0, "broken_image"),
        (2, "not_an_image"),
        (3, "not_found"),
    ]
    assert ended(client, job)["status"] == "done"
    files = unzipped(client.get(job["links"]["download"]))
    assert list(files) == ["results.json", "02.png"]
    results = json.loads(files["results.json"])
    assert [entry["error"] and entry["error"]["code"] for entry in results] == [
        "broken_image",
        None,
        "not_an_image",
        "not_found",
    ]
    result = client.get(f"/jobs/{job['task_id']}/result/").json()
    assert result["metadata"]["results"] == results
    assert [image["index"] for image in result["images"]] == [1]


def test_progress_grows_to_the_whole(client: httpx2.Client) -> None:
    job = submit(client, [encoded(scene((96 + number, 64))) for number in range(3)])
    told = list(events(client, f"/jobs/{job['task_id']}/stream/"))
    assert told[-1][1] == "done"
    progress = [data["progress"] for _, name, data in told if name == "progress"]
    assert progress == sorted(progress)
    assert progress[-1] == 1
    assert len(set(progress)) >= 9  # three steps a picture
    assert [data["index"] for _, name, data in told if name == "image"] == [0, 1, 2]


def test_the_same_picture_twice_is_two_results(client: httpx2.Client) -> None:
    job = submit(client, [encoded(scene())] * 2)
    assert ended(client, job)["status"] == "done"
    files = unzipped(client.get(job["links"]["download"]))
    assert files["01.png"] == files["02.png"]
    assert (inside(pixels(decoded(files["01.png"]))) == (*SUBJECT, 255)).all()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "images"),
        ({"images": []}, "images"),
        ({"images": [encoded(Image.new("L", (2, 2)))] * 33}, "images"),
        ({"images": ["no base64!"]}, "images[0]"),
        ({"images": [encoded(scene())[:120]]}, "images[0]"),
        ({"images": encoded(scene())}, "images"),
        ({"image_ids": ["x"]}, "image_ids[0]"),
        ({"images": [encoded(scene())], "model": "starter"}, "model"),
        ({"images": [encoded(scene())], "background": "nice"}, "background"),
        ({"images": [encoded(scene())], "image": encoded(scene())}, "image"),
    ],
)
def test_what_makes_no_sense_is_refused(client: httpx2.Client, fields: dict[str, Any], field: str) -> None:
    response = client.post(BATCH, json=fields)
    assert response.status_code == 400, response.text
    assert list(response.json()["errors"]) == [field]


def test_a_zip_is_its_owners_and_comes_when_the_batch_is_done(
    client: httpx2.Client, somebody_else: httpx2.Client
) -> None:
    large = encoded(scene((2000, 1500)), "JPEG")
    job = submit(client, [large] * 4, model="grabcut", alpha_matting=True)
    early = client.get(job["links"]["download"])
    assert (early.status_code, early.json()["code"]) == (409, "not_done")
    assert somebody_else.get(job["links"]["download"]).status_code == 404
    assert client.post(job["links"]["cancel"]).json()["success"] is True
    assert ended(client, job)["status"] == "cancelled"
    late = client.get(job["links"]["download"])
    assert (late.status_code, late.json()["code"]) == (409, "cancelled")


@pytest.mark.django_db
def test_a_zip_asks_the_database_nothing_while_it_is_sent(django_assert_num_queries: Any) -> None:
    result = {"metadata": {"results": []}}
    job = Job.objects.create(
        kind="background_removal.batch", parameters={}, owner="anonymous", status=Status.DONE, result=result
    )
    answer = Client(headers={"host": "localhost"}).get(f"/api/v1{BATCH}{job.pk}/download/")
    with django_assert_num_queries(0):
        assert b"results.json" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_there_is_no_zip_of_another_job(client: httpx2.Client) -> None:
    asked = {"image": encoded(scene()), "model": "u2netp"}
    job = client.post("/background-removal/remove/async/", json=asked).json()
    assert ended(client, job)["status"] == "done"
    assert client.get(f"{BATCH}{job['task_id']}/download/").status_code == 404
    assert client.get(f"{BATCH}00000000-0000-4000-8000-000000000000/download/").status_code == 404


def test_a_batch_survives_the_death_of_its_worker(removal_studio: Studio, client: httpx2.Client) -> None:
    photos = [encoded(scene((900, 600 + number)), "JPEG") for number in range(8)]
    job = submit(client, photos, model="grabcut")
    wait_until(
        lambda: any(image["image_id"] for image in client.get(f"/jobs/{job['task_id']}/").json()["images"])
    )
    removal_studio.worker().kill()
    assert ended(client, job)["status"] == "done"
    results = json.loads(unzipped(client.get(job["links"]["download"]))["results.json"])
    assert [entry["error"] for entry in results] == [None] * 8
    assert len({entry["history_id"] for entry in results}) == 8
