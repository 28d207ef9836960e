"""What was done is remembered, until it is deleted."""

from collections.abc import Callable
from typing import Any

import httpx2

from apps.background_removal.tests import networks
from apps.background_removal.tests.pictures import encoded, scene
from core.jobs.tests.studio import Studio, wait_until

HISTORY = "/background-removal/history/"


def remove(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    asked = {"image": encoded(scene()), "model": "u2netp", **fields}
    asked = {name: value for name, value in asked.items() if value is not None}
    response = client.post("/background-removal/remove/", json=asked)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def rows(client: httpx2.Client) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get(HISTORY).json()["results"]
    return listed


def files(studio: Studio) -> set[str]:
    return {path.name for path in (studio.root / "media").rglob("*") if path.is_file()}


def test_a_row_tells_what_was_done(client: httpx2.Client) -> None:
    answer = remove(client, background="Teal", crop_to_subject=True)
    row = client.get(f"{HISTORY}{answer['history_id']}/").json()
    assert row["request_id"] == answer["request_id"]
    assert row["model"] == "u2netp"
    assert row["processing_time"] == answer["processing_time"]
    assert row["parameters"] == {
        "model": "u2netp",
        "alpha_matting": False,
        "only_mask": False,
        "background": "#008080",
        "crop_to_subject": True,
        "output_format": "png",
    }
    assert client.get(row["links"]["input"]).status_code == 200
    assert client.get(row["links"]["output"]).status_code == 200
    listed = client.get(HISTORY).json()
    assert listed["results"][0] == row


def test_a_history_is_its_owners(client: httpx2.Client, somebody_else: httpx2.Client) -> None:
    row = remove(client)["history_id"]
    assert somebody_else.get(HISTORY).json()["results"] == []
    assert somebody_else.get(f"{HISTORY}{row}/").status_code == 404
    assert somebody_else.delete(f"{HISTORY}{row}/").status_code == 404
    assert client.get(f"{HISTORY}{row}/").status_code == 200


def test_deleting_a_row_deletes_its_files(removal_studio: Studio, client: httpx2.Client) -> None:
    before = files(removal_studio)
    fields = {"image": encoded(scene((123, 77))), "background": encoded(scene((50, 60)))}
    answer = remove(client, **fields)
    row = client.get(f"{HISTORY}{answer['history_id']}/").json()
    names = ("input_image", "output_image", "background_image", "output_mask")
    kept = {row[f"{name}_id"] for name in names}
    assert {name.partition(".")[0] for name in files(removal_studio) - before} == kept
    assert client.delete(f"{HISTORY}{answer['history_id']}/").status_code == 204
    assert client.get(f"{HISTORY}{answer['history_id']}/").status_code == 404
    assert client.get(f"/images/{row['output_image_id']}/").status_code == 404
    assert files(removal_studio) == before


def test_a_picture_that_was_uploaded_to_be_kept_stays(client: httpx2.Client) -> None:
    image_id = client.post("/images/", json={"image": encoded(scene((34, 21)))}).json()["image_id"]
    answer = remove(client, image=None, image_id=image_id)
    assert client.delete(f"{HISTORY}{answer['history_id']}/").status_code == 204
    assert client.get(f"/images/{image_id}/").status_code == 200


def test_deleting_a_row_takes_the_pictures_from_the_job_too(client: httpx2.Client) -> None:
    asked = {"image": encoded(scene((61, 42))), "model": "u2netp"}
    job = client.post("/background-removal/remove/async/", json=asked).json()
    wait_until(lambda: client.get(f"/jobs/{job['task_id']}/").json()["status"] == "done")
    result = client.get(f"/jobs/{job['task_id']}/result/").json()
    assert len(result["images"]) == 2
    assert client.delete(f"{HISTORY}{result['metadata']['history_id']}/").status_code == 204
    for image in result["images"]:
        assert client.get(f"/images/{image['image_id']}/content/").status_code == 404


def test_a_deleted_row_s_picture_does_not_come_back_with_its_batch(client: httpx2.Client) -> None:
    photos = [encoded(scene((1200, 800 + number)), "JPEG") for number in range(3)]
    job = client.post("/background-removal/batch/", json={"images": photos, "model": "grabcut"}).json()
    path = f"/jobs/{job['task_id']}/"
    made = wait_until(lambda: client.get(path).json()["images"][0]["image_id"])
    row = wait_until(lambda: [each for each in rows(client) if each["output_image_id"] == made])[0]

    assert client.delete(f"{HISTORY}{row['id']}/").status_code == 204
    assert client.get(path).json()["status"] == "processing"

    wait_until(lambda: client.get(path).json()["status"] == "done")
    assert [image["index"] for image in client.get(f"{path}result/").json()["images"]] == [1, 2]
    assert client.get(job["links"]["download"]).status_code == 200
    assert client.get(f"/images/{made}/").status_code == 404


def test_a_history_survives_a_restart(new_studio: Callable[..., Studio]) -> None:
    studio = new_studio()
    networks.install(studio.root / "state" / "models", "u2netp")
    with studio.client() as client:
        row = client.get(f"{HISTORY}{remove(client)['history_id']}/").json()
    studio.stop()
    studio.start()
    with studio.client() as client:
        after = client.get(f"{HISTORY}{row['id']}/").json()
        assert {**after, "links": None} == {**row, "links": None}
        assert client.get(after["links"]["output"]).status_code == 200


def test_what_is_no_id_is_not_found(client: httpx2.Client) -> None:
    for odd in ("-" * 36, "f" * 36, "00000000-0000-0000-0000-00000000000g"):
        assert client.get(f"/background-removal/history/{odd}/").status_code == 404
