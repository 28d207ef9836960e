"""Many processes claim from one database at once: a SQLite file, and a real PostgreSQL server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pgserver
import pytest
from django.conf import settings

JOBS, CLAIMERS = 150, 4


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'db.sqlite3'}"
        return
    server = pgserver.get_server(tmp_path / "postgres", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def test_every_job_is_claimed_exactly_once(database_url: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "core.jobs.tests.claimers", str(JOBS), str(CLAIMERS)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "STUDIO_DATABASE_URL": database_url, "STUDIO_STATE_ROOT": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    claims = run.stdout.split("\n")[:-1]
    assert len(claims) == JOBS
    assert len(set(claims)) == JOBS
    assert all(claim.endswith(" 1") for claim in claims)
