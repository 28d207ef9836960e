"""Who sees which set, what goes when it goes, and what others get of it."""

import base64
import io
import json
import os
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image

from apps.datasets import files
from apps.datasets.admin import DatasetAdmin
from apps.datasets.models import Dataset
from apps.datasets.tests.sets import stored_set
from core import operations
from core.exceptions import NotFound
from core.images import store
from core.jobs.models import Job, JobImage, Status
from core.operations.inline import InlineContext

pytestmark = pytest.mark.django_db

API = "/api/v1/datasets"
ADMIN = "/admin/datasets/dataset/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief", "chief@example.com", "a-long-enough-one"))
    return client


def test_anothers_set_is_not_there(client: Client) -> None:
    anothers = stored_set(owner="user:7")

    answers = [client.get(f"{API}/{anothers.pk}/{path}") for path in ("", "preview/", "download/")]
    answers.append(client.delete(f"{API}/{anothers.pk}/"))
    answers.append(client.get(f"{API}/{uuid.uuid4()}/"))

    assert [answer.status_code for answer in answers] == [404] * 5
    assert {answer.json()["detail"] for answer in answers} == {"There is no such dataset."}
    assert client.get(f"{API}/").json() == []
    assert Dataset.objects.filter(pk=anothers.pk).exists()


def test_the_list_is_bare_newest_first_and_limited(client: Client) -> None:
    made = [str(stored_set(count=1).pk) for _ in range(4)]

    assert [each["id"] for each in client.get(API).json()] == made[::-1]
    assert [each["id"] for each in client.get(f"{API}/?limit=2").json()] == made[:1:-1]
    for limit in ("0", "1001", "x", "-1"):
        assert client.get(f"{API}/?limit={limit}").status_code == 400


def test_previews_come_from_all_over_the_set(client: Client) -> None:
    dataset = stored_set(count=16)

    said = client.get(f"{API}/{dataset.pk}/preview/").json()

    pictures = [Image.open(io.BytesIO(base64.b64decode(each))) for each in said["preview"]]
    assert [picture.size for picture in pictures] == [(256, 171)] * 8
    assert [picture.getpixel((9, 9))[0] for picture in pictures] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert client.get(f"{API}/{stored_set(count=0).pk}/preview/").json()["preview"] == []


@pytest.mark.django_db(transaction=True)
def test_deleting_takes_the_files_the_jobs_pictures_and_old_orphans(client: Client, media: Path) -> None:
    job = Job.objects.create(kind="ai_gateway.run_plan", parameters={}, owner="anonymous", status=Status.DONE)
    dataset, other = stored_set(run_id=f"{job.pk}/1/0"), stored_set()
    another_steps, image = (
        store.save(owner="anonymous", data=data, width=1, height=1, format="png") for data in (b"one", b"two")
    )
    for index, (made, seed) in enumerate([(another_steps, 1), (image, 100)]):
        JobImage.objects.create(job=job, image=made, role=JobImage.Role.OUTPUT, index=index, seed=seed)
    orphans = [uuid.uuid4(), uuid.uuid4()]
    names = [media / files.write(orphan, 0, b"left behind") for orphan in orphans]
    long_ago = time.time() - 7200
    os.utime(names[0], (long_ago, long_ago))

    answer = client.delete(f"{API}/{dataset.pk}/")

    assert answer.status_code == 204
    assert {folder.name for folder in (media / "datasets").iterdir()} == {str(other.pk), str(orphans[1])}
    assert [made.image for made in JobImage.objects.all()] == [another_steps]
    with pytest.raises(NotFound):
        store.get(image_id=image.pk, owner="anonymous")


def test_a_set_that_is_being_made_stays(client: Client) -> None:
    body = {"class_label": "cup", "output_size": 3}
    job = client.post(f"{API}/generate/async/", body, content_type="application/json").json()
    plan = Job.objects.create(kind="ai_gateway.run_plan", parameters={}, owner="anonymous")

    for dataset_id in (job["dataset_id"], stored_set(run_id=f"{plan.pk}/0/0").pk):
        answer = client.delete(f"{API}/{dataset_id}/")
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
        assert Dataset.objects.filter(pk=dataset_id).exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_goes_while_orphans_are_swept_ends_nothing(client: Client, media: Path) -> None:
    folder = (media / files.write(uuid.uuid4(), 0, b"left behind")).parent
    (folder / "000001.png").symlink_to("gone")  # listed, but not there
    os.utime(folder / "000000.png", (time.time() - 7200,) * 2)

    answer = client.delete(f"{API}/{stored_set().pk}/")

    assert answer.status_code == 204
    assert not folder.exists()


def test_a_prompt_is_no_longer_with_its_label_filled_in(client: Client) -> None:
    body = {"class_label": "😀" * 200, "output_size": 1000, "prompts": ["a cup", "{label}" * 142]}

    answer = client.post(f"{API}/generate/async/", body, content_type="application/json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["prompts[1]"]
    assert not Job.objects.exists()


def test_a_job_says_each_prompt_once(client: Client) -> None:
    body = {"class_label": "cup", "output_size": 1000, "prompts": ["a {label}", "{label} " * 100]}

    answer = client.post(f"{API}/generate/async/", body, content_type="application/json")

    assert answer.status_code == 202
    assert Job.objects.get().parameters["prompts"] == ["a cup", ("cup " * 100).strip()]


@pytest.mark.parametrize("model", ["auto", "starter"])
def test_a_model_may_be_left_to_the_studio(client: Client, model: str) -> None:
    body = {"class_label": "cup", "output_size": 1, "model": model}

    answer = client.post(f"{API}/generate/async/", body, content_type="application/json")

    assert answer.status_code == 202, answer.content
    assert Dataset.objects.get().model == "starter"


def chunks(answer: Any) -> Iterator[bytes]:
    return iter(answer.streaming_content)


def test_a_label_cannot_break_the_card_or_the_lines(client: Client) -> None:
    label = '"quotes": [yaml] # {x} \\ \u2028 mèo'
    dataset = stored_set(class_label=label, model="gone", licence="LicenseRef-sai-nc-community")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks(client.get(f"{API}/{dataset.pk}/download/")))))

    import yaml

    card = archive.read("README.md").decode()
    header = yaml.safe_load(card.split("---")[1])
    assert header["pretty_name"] == '"quotes": [yaml] # {x} \\ mèo'
    assert (header["license"], header["license_name"]) == ("other", "sai-nc-community")
    known = [json.loads(line) for line in archive.read("metadata.jsonl").decode().split("\n")[:-1]]
    assert [line["label"] for line in known] == [label] * 3


def test_a_picture_that_is_gone_does_not_end_the_download(client: Client, media: Path) -> None:
    dataset = stored_set()
    (media / dataset.pictures.get(index=1).file.name).unlink()

    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks(client.get(f"{API}/{dataset.pk}/download/")))))

    assert [name for name in archive.namelist() if name.startswith("images/")] == [
        "images/000000.png",
        "images/000002.png",
    ]


def test_training_gets_the_pictures_with_their_captions() -> None:
    dataset = stored_set(owner="user:7")
    context = InlineContext(owner="user:7", share="user:7")

    work = operations.prepare("datasets.images", owner="user:7", dataset_id=dataset.pk)
    given = operations.run("datasets.images", work, context)

    assert given.captions == tuple(f"a cup, number {index}" for index in range(3))
    assert [image.seed for image in given.images] == [100, 101, 102]
    for index, image in enumerate(given.images):
        picture = store.open_image(image_id=image.image_id, owner="user:7")
        assert picture.getpixel((0, 0)) == (index, index, index)
    with pytest.raises(NotFound):
        operations.prepare("datasets.images", owner="user:8", dataset_id=dataset.pk)


@pytest.mark.django_db(transaction=True)
def test_the_admin_shows_pictures_and_deletes_files(chief: Client, media: Path) -> None:
    dataset = stored_set(owner="user:7")

    page = chief.get(ADMIN).content.decode()
    thumbnail = chief.get(f"{ADMIN}{dataset.pk}/2/")
    missing = chief.get(f"{ADMIN}{dataset.pk}/9/")
    entry = chief.get(f"{ADMIN}{dataset.pk}/change/")
    deleted = chief.post(f"{ADMIN}{dataset.pk}/delete/", {"post": "yes"})

    assert f"{ADMIN}{dataset.pk}/2/" in page
    assert Image.open(io.BytesIO(thumbnail.content)).size == (256, 171)
    assert (missing.status_code, entry.status_code, deleted.status_code) == (404, 200, 302)
    assert not Dataset.objects.exists()
    assert not (media / "datasets" / str(dataset.pk)).exists()


@pytest.mark.django_db(transaction=True)
def test_files_stay_when_the_admin_fails_to_delete(
    chief: Client, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise RuntimeError("after the row is deleted")

    dataset = stored_set()
    names = [media / picture.file.name for picture in dataset.pictures.all()]
    long_ago = time.time() - 7200
    for name in names:
        os.utime(name, (long_ago, long_ago))
    monkeypatch.setattr(DatasetAdmin, "response_delete", failing)

    with pytest.raises(RuntimeError):
        chief.post(f"{ADMIN}{dataset.pk}/delete/", {"post": "yes"})

    assert Dataset.objects.filter(pk=dataset.pk).exists()
    assert all(name.exists() for name in names)


def test_pictures_in_the_admin_are_for_those_who_may_look(client: Client) -> None:
    dataset = stored_set()
    client.force_login(User.objects.create_user("helper", password="a-long-enough-one", is_staff=True))

    assert client.get(f"{ADMIN}{dataset.pk}/0/").status_code == 403
