"""rembg's own HTTP server, `rembg s`, in a process and an environment of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

import httpx2
from django.conf import settings

REMBG = settings.BASE_DIR / ".venv-bench-rembg" / "bin" / "rembg"
START_SECONDS = 120


class DidNotStart(Exception):
    """Says what the server printed."""


@contextmanager
def rembg_server(home: Path, threads: int, *, rembg: Path = REMBG) -> Iterator[str]:
    """The URL to POST photos to. `home` is rembg's folder, with its models. Raises DidNotStart."""
    port = _free_port()
    environment = {**os.environ, "REMBG_HOME": str(home), "OMP_NUM_THREADS": str(threads)}
    with TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - the program that this benchmark is about
            [
                str(rembg),
                "s",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--log_level",
                "warning",
                "--no-ui",
            ],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            if not _answers(process, port):
                log.seek(0)
                raise DidNotStart(f"rembg s did not start:\n{log.read().decode(errors='replace')[-2000:]}")
            yield f"http://127.0.0.1:{port}/api/remove"
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def _answers(process: "subprocess.Popen[bytes]", port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx2.HTTPError):
            httpx2.get(f"http://127.0.0.1:{port}/api", timeout=5)
            return True
        time.sleep(0.2)
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
