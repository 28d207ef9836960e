"""`manage.py runserver`, for development: as careful as `serve`, and as easy to begin with."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from core.jobs.tests.studio import wait_until


def runserver(tmp_path: Path, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "STUDIO_STATE_ROOT": str(tmp_path / "state"),
        "STUDIO_SECRET_KEY": "x" * 50,
        "STUDIO_PRELOAD": "false",
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "manage.py", "runserver", *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=output,
            stderr=output,
        )


def test_it_is_not_shown_to_other_machines_by_accident(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = runserver(tmp_path, "0.0.0.0:0", log=log)
    try:
        assert process.wait(timeout=30) == 1
    finally:
        process.kill()

    assert "STUDIO_REQUIRE_AUTH=true" in log.read_text().splitlines()[-1]


def test_it_starts_on_a_fresh_database(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = runserver(tmp_path, "127.0.0.1:0", "--noreload", log=log)
    try:
        wait_until(lambda: process.poll() is not None or "Listening on TCP" in log.read_text(), seconds=60)
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        process.wait(timeout=30)

    assert "no such table" not in log.read_text()
