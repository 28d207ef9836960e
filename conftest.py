"""Fixtures every test may use."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

from core.jobs.tests.studio import Studio

# One thread a model: the suite itself uses the machine's cores side by side. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples every time, however slow the machine: a red run can be repeated, and is about the change
# at hand. HYPOTHESIS_PROFILE=search looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line for every poll would bury what a failure says


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database file like the real one: in memory, threads meet locks that no real database has."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(settings.SCRATCH / "test.sqlite3")


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One running server for all tests of this process that do no harm to it."""
    shared = Studio(tmp_path_factory.mktemp("studio")).start()
    yield shared
    shared.close()


@pytest.fixture
def new_studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """Makes servers of a test's own, to kill and restart; keywords are environment variables."""
    made: list[Studio] = []

    def make(**environment: str) -> Studio:
        made.append(Studio(tmp_path, environment))
        return made[-1].start()

    yield make
    for each in made:
        each.close()
