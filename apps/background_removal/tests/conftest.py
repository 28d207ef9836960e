from collections.abc import Iterator
from uuid import uuid4

import httpx2
import pytest

from apps.background_removal.tests import networks
from core.jobs.tests.studio import Studio


@pytest.fixture(scope="session")
def removal_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A server that has a network of every family, and lets people register."""
    settings = {"STUDIO_OPEN_REGISTRATION": "true"}
    made = Studio(tmp_path_factory.mktemp("removal"), settings)
    networks.install(made.root / "state" / "models", *networks.IDS)
    yield made.start()
    made.close()


@pytest.fixture
def client(removal_studio: Studio) -> Iterator[httpx2.Client]:
    with removal_studio.client() as client:
        yield client


@pytest.fixture
def somebody_else(removal_studio: Studio) -> Iterator[httpx2.Client]:
    """A client who has logged in."""
    who = {"email": f"{uuid4()}@example.com", "password": "correct horse battery staple"}
    with removal_studio.client() as client:
        assert client.post("/auth/register/", json=who).status_code == 201
        token = client.post("/auth/login/", json=who).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
