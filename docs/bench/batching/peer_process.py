"""A server of `docs.bench.batching.peers` in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

import psutil
from django.conf import settings

from core.jobs.worker_environment import GNU_OPENMP
from docs.bench import picture
from docs.bench.batching import clients, families, loads
from docs.bench.batching.peers import PATH

STUDIO_PYTHON = Path(sys.executable)
PEERS_PYTHON = settings.BASE_DIR / ".venv-bench" / "bin" / "python"
START_SECONDS = 120
STOP_SECONDS = 15


class DidNotStart(Exception):
    """A peer gave no picture; says what it printed."""


@contextmanager
def serve_peer(
    module: str, python: Path, threads: int, *, as_studio: bool = True
) -> Iterator[tuple[str, int]]:
    """The URL to POST pictures to, once it has given one, and the process id. Raises DidNotStart.

    `as_studio`: waiting threads spin as they do in the studio's worker; else OpenMP decides.
    """
    port = _free_port()
    with TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [str(python), "-m", f"docs.bench.batching.peers.{module}", str(port)],
            cwd=settings.BASE_DIR,
            env=_environment(threads, as_studio=as_studio),
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}{PATH}"
            if not _gives_a_picture(process, url):
                log.seek(0)
                raise DidNotStart(f"{module} did not start:\n{log.read().decode(errors='replace')[-2000:]}")
            yield url, process.pid
        finally:
            _stop(process)


def _environment(threads: int, *, as_studio: bool) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in GNU_OPENMP}
    return {
        **inherited,
        **(GNU_OPENMP if as_studio else {}),
        "BENCH_MODEL": str(picture.MODEL_FOLDER),
        "OMP_NUM_THREADS": str(threads),
        "PYTHONPATH": str(settings.BASE_DIR),
        "RAY_USAGE_STATS_ENABLED": "0",
        "TRANSFORMERS_VERBOSITY": "error",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _gives_a_picture(process: "subprocess.Popen[bytes]", url: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, clients.Refused):
            clients.post(url, loads.burst(1, steps=1)[0])
            return True
        time.sleep(0.1)
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM; what is still there after a while, of it and of all that it started, is killed."""
    everyone = families.family(process.pid)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    _, left = psutil.wait_procs(everyone, timeout=3)
    for one in left:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()
