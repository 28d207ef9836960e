"""A real studio to measure: `manage.py serve` on loopback, as a user starts it."""

import hashlib
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from PIL import Image

from core.jobs.tests.studio import Studio, wait_until
from docs.bench import picture


@contextmanager
def scratch_studio(threads: int, **environment: str) -> Iterator[Studio]:
    """A studio that has not been started, with folders of its own and nothing of the user's configuration."""
    with TemporaryDirectory(prefix="studio-bench-") as root:
        studio = Studio(
            Path(root),
            {
                "OMP_NUM_THREADS": str(threads),
                "STUDIO_DEVICE": "cpu",
                "STUDIO_IMAGE_MODEL": "starter",
                "STUDIO_REQUIRE_AUTH": "false",
                "STUDIO_THROTTLE": "",
                "STUDIO_BATCH_CAP": "0",  # as measured, not as the tests want it
                "STUDIO_PRELOAD": "true",
                **environment,
            },
        )
        try:
            yield studio
        finally:
            studio.close()


def paint(client: httpx2.Client) -> tuple[float, bytes]:
    """Seconds from sending the request to holding the whole PNG, and the PNG.

    Raises RuntimeError, with what the studio said, for any other answer.
    """
    started = time.perf_counter()
    answer = client.post(
        "/image-generation/generate/", json=picture.request_body(), headers={"Accept": "image/png"}
    )
    seconds = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"The studio answered {answer.status_code}: {answer.text}")
    return seconds, answer.content


def pixels(png: bytes) -> str:
    """The SHA-256 of the RGB pixels, as `docs.bench.bare` tells it."""
    with Image.open(io.BytesIO(png)) as image:
        return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def wait_until_healthy(studio: Studio, path: str = "/health") -> None:
    """Returns at the first 200 of `path`."""
    with httpx2.Client(base_url=studio.url, timeout=5) as client:
        wait_until(lambda: client.get(path).status_code == 200)
