"""A real studio for tests: `manage.py serve` as a process of its own, on a free port."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psutil
from django.conf import settings

from core.jobs.tests.contract import conforms

START_SECONDS = 60

T = TypeVar("T")


@dataclass
class Studio:
    """Start it with `start()`. `root` keeps its database, media and log across restarts."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    def start(self) -> "Studio":
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", "0"],
                cwd=settings.BASE_DIR,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            said = self.log.read_bytes()[before:].decode()
            if found := re.search(r"Studio at (http://\S+)", said):
                self.url = found.group(1)
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"The server did not start:\n{self.log.read_text()}")

    def stop(self) -> int:
        """SIGTERM, as an operator would. Gives the exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """`kill -9` of the server. Returns when its worker has gone too."""
        assert self.process
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive, "the worker outlived its server"

    def worker(self) -> psutil.Process:
        """The worker child, once there is one."""
        assert self.process
        server = psutil.Process(self.process.pid)
        return wait_until(lambda: next(iter(server.children()), None))

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.stop()

    def client(self, **options: Any) -> httpx2.Client:
        """A client of its API, held to the contract in docs/openapi.yaml."""
        hooks = {"response": [conforms]}
        return httpx2.Client(base_url=self.api, timeout=60, event_hooks=hooks, **options)

    def _environment(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **keep,
            "STUDIO_STATE_ROOT": str(self.root / "state"),
            "STUDIO_MEDIA_ROOT": str(self.root / "media"),
            # One thread a model: the suite itself uses the machine's cores side by side.
            "OMP_NUM_THREADS": "1",
            # What pays is measured, and on a machine that is busy with tests the measure says nothing.
            "STUDIO_BATCH_CAP": "4",
            # Most tests need no picture, and those that do load the model then.
            "STUDIO_PRELOAD": "false",
            **self.environment,
        }


def wait_until(condition: Callable[[], T | None], seconds: float = 30) -> T:
    """What `condition` gives as soon as it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"Still not so after {seconds} s.")


def events(client: httpx2.Client, path: str, **headers: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(id, event, data) of a Server-Sent Events stream, until the server ends it."""
    with client.stream("GET", path, headers={"Accept": "text/event-stream", **headers}) as response:
        assert response.status_code == 200, response.read()
        fields: dict[str, str] = {}
        for line in response.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
                fields = {}
