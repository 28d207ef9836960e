"""What an open stream costs the server."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import psutil

from core.jobs.tests.studio import Studio

STREAMS = 15


def databases_open(studio: Studio) -> int:
    """How often the server has the database file open: once a connection."""
    assert studio.process
    database = str(studio.root / "state" / "db.sqlite3")
    return [file.path for file in psutil.Process(studio.process.pid).open_files()].count(database)


def opened(streams: ExitStack, client: httpx2.Client, path: str) -> Iterator[str]:
    """The lines of a stream that has begun; it is open for as long as somebody holds them."""
    lines = streams.enter_context(client.stream("GET", path)).iter_lines()
    assert next(lines).startswith("id:")
    return lines


def test_open_streams_hold_no_database_connections(studio: Studio) -> None:
    body = {"prompt": "a red heart", "num_inference_steps": 100}
    with studio.client() as client, ExitStack() as streams:
        task_id = client.post("/image-generation/generate/async/", json=body).json()["task_id"]
        before = databases_open(studio)
        reading = [opened(streams, client, f"/jobs/{task_id}/stream/") for _ in range(STREAMS)]
        during = databases_open(studio)
        assert client.get(f"/jobs/{task_id}/").json()["status"] in ("queued", "processing")
        client.post(f"/jobs/{task_id}/cancel/")
        assert len(reading) == STREAMS
    assert during < before + STREAMS / 2
