"""A set survives the death of its worker, and its download takes no memory: real processes."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import psutil
import pytest
from django.conf import settings

from apps.datasets.tests.test_datasets import ended, lines, queued, unzipped
from core.jobs.tests.studio import Studio, wait_until

pytestmark = pytest.mark.timeout(600)

NewStudio = Callable[..., Studio]


def killed_half_way(studio: Studio, client: httpx2.Client, count: int, **fields: Any) -> None:
    """`kill -9` of the worker when half of the set is there; then the set has to become whole."""
    job = queued(client, output_size=count, **fields)
    path = f"/datasets/{job['dataset_id']}/"
    wait_until(lambda: client.get(path).json()["file_count"] >= count // 2, seconds=300)

    studio.worker().kill()

    folder = studio.root / "media" / "datasets" / job["dataset_id"] / "images"
    kept = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    known = client.get(path).json()["file_count"]
    wait_until(lambda: client.get(path).json()["is_successful"], seconds=300)
    assert ended(client, job)["attempt"] == 2
    shown = client.get(path).json()
    again = [name for name, stamp in kept.items() if (folder / name).stat().st_mtime_ns != stamp]
    listed = lines(unzipped(client, job["dataset_id"]))
    result = client.get(f"/jobs/{job['task_id']}/result/").json()

    assert sorted(file.name for file in folder.iterdir()) == [f"{index:06d}.png" for index in range(count)]
    assert len({line["seed"] for line in listed}) == len(listed) == shown["file_count"] == count
    assert [image["seed"] for image in result["images"]] == [line["seed"] for line in listed]
    assert len(again) <= len(kept) - known, "only a file that nobody had been told of is written again"
    assert shown["generation_time"] > 0


def test_kill_9_of_the_worker_and_the_set_is_made_whole(new_studio: NewStudio) -> None:
    studio = new_studio()
    with studio.client() as client:
        killed_half_way(studio, client, 8, num_inference_steps=2, noise_level=0.1)


@pytest.mark.slow
def test_kill_9_in_the_middle_of_two_hundred(new_studio: NewStudio) -> None:
    studio = new_studio()
    with studio.client() as client:
        killed_half_way(studio, client, 200, num_inference_steps=4)


@pytest.mark.slow
def test_a_killed_server_goes_on_with_the_set(new_studio: NewStudio) -> None:
    studio = new_studio()
    with studio.client() as client:
        job = queued(client, output_size=12, num_inference_steps=4)
        wait_until(lambda: client.get(f"/datasets/{job['dataset_id']}/").json()["file_count"] >= 2)

    studio.kill()
    studio.start()

    with studio.client() as client:
        ended(client, job)
        listed = lines(unzipped(client, job["dataset_id"]))
    assert len({line["seed"] for line in listed}) == len(listed) == 12


MAKE = """
import os, sys, django; django.setup()
from apps.datasets import files
from apps.datasets.models import DatasetPicture
from apps.datasets.tests.sets import stored_set
count = int(sys.argv[1])
dataset = stored_set(count=0, output_size=count)
DatasetPicture.objects.bulk_create(
    DatasetPicture(dataset=dataset, index=index, seed=index, prompt="a cup", width=1, height=1, bytes=200_000,
                   file=files.write(dataset.pk, index, os.urandom(200_000)))
    for index in range(count)
)
print(dataset.pk)
"""


def large_set(studio: Studio, pictures: int) -> str:
    """The path of a set with so many pictures of 200 KB."""
    environment = {**studio._environment(), "DJANGO_SETTINGS_MODULE": "backendAI.settings"}
    made = subprocess.run(
        [sys.executable, "-c", MAKE, str(pictures)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        check=True,
    )
    return f"/datasets/{made.stdout.decode().strip()}/"


@contextmanager
def growth(studio: Studio) -> Iterator[Callable[[], float]]:
    """Gives how many megabytes the server has grown at most since the block began."""
    assert studio.process
    server = psutil.Process(studio.process.pid)
    before, most, over = server.memory_info().rss, 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.005):
            most = max(most, server.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield lambda: (most - before) / 1e6
    finally:
        over.set()
        watching.join()


def test_a_thousand_pictures_are_fetched_in_constant_memory(studio: Studio) -> None:
    """200 MB through a server that may not grow by a tenth of it."""
    path = large_set(studio, 1000)
    with studio.client() as client:
        client.get(f"{path}download/")  # whatever a first download keeps for good
        received = 0
        with growth(studio) as grown, client.stream("GET", f"{path}download/") as answer:
            for chunk in answer.iter_raw():
                received += len(chunk)
        client.delete(path)

    assert received > 200_000_000
    assert grown() < 20


def test_a_client_who_does_not_read_costs_no_memory_and_misses_nothing(studio: Studio) -> None:
    path = large_set(studio, 200)
    with studio.client() as client:
        whole = client.get(f"{path}download/").content
        with growth(studio) as grown, client.stream("GET", f"{path}download/") as answer:
            received = answer.iter_raw(1 << 16)
            slowly = next(received)
            time.sleep(2)
            assert grown() < 10
            slowly += b"".join(received)

    assert slowly == whole


def test_a_client_who_leaves_in_the_middle_of_a_download_leaves_nothing(studio: Studio) -> None:
    path = large_set(studio, 200)
    tracebacks = studio.log.read_text().count("Traceback")
    with studio.client() as client:
        with client.stream("GET", f"{path}download/") as answer:
            next(answer.iter_raw(1 << 16))
        assert client.delete(path).status_code == 204
        assert client.get("/jobs/").status_code == 200
    assert studio.log.read_text().count("Traceback") == tracebacks
