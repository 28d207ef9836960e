"""Models over HTTP: a real server, its worker, and the model that comes with it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.conf import settings as django_settings
from django.test import Client

from core.jobs.tests.studio import Studio, wait_until
from core.model_manager.tests.hub_server import Hub

GENERATE = "/image-generation/generate/"
STAFF = {"DJANGO_SUPERUSER_USERNAME": "ann", "DJANGO_SUPERUSER_PASSWORD": "a long pass phrase"}


TINY = """
[[model]]
id = "tiny"
task = "array"
family = "array"
loader = "tests.numpy"
source = { hub = "owner/tiny" }
licence = "MIT"
licence_url = ""
commercial_use = true
description = "Tiny."
"""


@contextmanager
def as_staff(studio: Studio) -> Iterator[httpx2.Client]:
    subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--noinput", "--email", "ann@example.org"],
        cwd=django_settings.BASE_DIR,
        env={**studio._environment(), **STAFF},
        check=True,
        capture_output=True,
    )
    with studio.client() as client:
        body = {"username": "ann", "password": STAFF["DJANGO_SUPERUSER_PASSWORD"]}
        token = client.post("/auth/login/", json=body).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture(scope="module")
def staff(studio: Studio) -> Iterator[httpx2.Client]:
    with as_staff(studio) as client:
        yield client


def starter(client: httpx2.Client) -> dict[str, Any]:
    model: dict[str, Any] = client.get("/models/starter/").json()
    return model


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/models", "/api/v1/models/"])
def test_the_list_says_what_there_is(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    models = {model["id"]: model for model in response.json()}
    ours, turbo = models["starter"], models["sdxl-turbo"]
    assert ours["installed"] is True
    assert (ours["loaded"], ours["device"], ours["last_used"], ours["loads"]) == (False, None, None, 0)
    assert (ours["licence"], ours["commercial_use"], ours["licence_accepted"]) == ("Apache-2.0", True, True)
    assert ours["recommended"] == {
        "steps": 15,
        "guidance_scale": 3.0,
        "true_cfg_scale": 0.0,
        "width": 256,
        "height": 256,
    }
    assert ours["sizes"] == {"min_side": 256, "max_side": 256, "multiple_of": 8, "native": 256}
    assert "image_generation.generate" in ours["default_for"]
    assert turbo["default_for"] == []
    assert (turbo["installed"], turbo["commercial_use"], turbo["licence_accepted"]) == (False, False, False)
    assert "non-commercial" not in turbo["licence"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["starter", "starter/", "sd-1.5/"])
def test_one_model(client: Client, path: str) -> None:
    response = client.get(f"/api/v1/models/{path}")
    assert response.json()["id"] == path.rstrip("/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["nope/", "../starter/", "STARTER/", "starter%00/", "x" * 300 + "/", "nope/load/"]
)
def test_what_there_is_not(client: Client, path: str) -> None:
    response = client.get(f"/api/v1/models/{path}")
    assert response.status_code in {404, 405, 401}
    assert set(response.json()) >= {"detail", "code", "request_id"}


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["load", "unload", "pull"])
def test_strangers_change_nothing(client: Client, action: str) -> None:
    assert client.post(f"/api/v1/models/starter/{action}/").status_code == 401


@pytest.mark.django_db
def test_users_who_are_not_staff_change_nothing(client: Client, django_user_model: Any) -> None:
    django_user_model.objects.create_user("bob", password="another pass phrase")
    body = {"username": "bob", "password": "another pass phrase"}
    token = client.post("/api/v1/auth/login/", body, content_type="application/json").json()["access"]
    response = client.post("/api/v1/models/starter/load/", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 403


def test_staff_load_and_unload(staff: httpx2.Client) -> None:
    state = staff.post("/models/starter/load/")
    assert state.status_code == 200, state.text
    assert state.json()["loaded"] is True
    assert state.json()["memory_bytes"] > 10_000_000
    model = wait_until(lambda: next((now for now in [starter(staff)] if now["loaded"]), None))
    assert model["device"] == state.json()["device"]
    assert model["memory_bytes"] == state.json()["memory_bytes"]
    assert model["loads"] >= 1
    assert model["last_used"]
    assert staff.post("/models/starter/unload/").json()["loaded"] is False
    wait_until(lambda: not starter(staff)["loaded"])
    assert staff.post("/models/starter/unload").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nope/load/", 404, "not_found"),
        ("nope/unload/", 404, "not_found"),
        ("nope/pull/", 404, "not_found"),
        ("starter/pull/", 409, "wrong_state"),
        ("sdxl-turbo/load/", 403, "licence_not_accepted"),
        ("sdxl-base/load/", 503, "model_missing"),
    ],
)
def test_what_staff_cannot_do(staff: httpx2.Client, path: str, status: int, code: str) -> None:
    response = staff.post(f"/models/{path}")
    assert response.status_code == status
    assert response.json()["code"] == code


def test_the_answer_says_how_to_get_a_missing_model(staff: httpx2.Client) -> None:
    assert "manage.py models pull sdxl-base" in staff.post("/models/sdxl-base/load/").json()["detail"]


@pytest.mark.django_db
def test_health_knows_the_default_model(client: Client, settings: Any) -> None:
    def state() -> dict[str, Any]:
        body = client.get("/health/ready/").json()
        found: dict[str, Any] = body["checks"]["default_model"]
        return found

    assert state()["ok"] is True
    for broken in ("sd-1.5", "sd-turbo", "somebody/else"):
        settings.STUDIO_IMAGE_MODEL = broken
        assert state()["ok"] is False


def test_the_default_model_is_loaded_before_anybody_asks(new_studio: Callable[..., Studio]) -> None:
    studio = new_studio(STUDIO_PRELOAD="true")
    with studio.client() as client:
        wait_until(lambda: starter(client)["loaded"], seconds=60)


def test_staff_pull_a_model(hub: Hub, tmp_path: Path) -> None:
    studio = Studio(tmp_path, {"HF_ENDPOINT": os.environ["HF_ENDPOINT"], "HF_HOME": os.environ["HF_HOME"]})
    catalogue = tmp_path / "state" / "models" / "catalogue.toml"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(TINY)
    studio.start()
    try:
        with as_staff(studio) as client:
            assert client.get("/models/tiny/").json()["installed"] is False
            job = client.post("/models/tiny/pull/")
            assert job.status_code == 202, job.text
            assert job.json()["kind"] == "models.pull"
            path = f"/jobs/{job.json()['task_id']}/"
            done = wait_until(
                lambda: next((now for now in [client.get(path).json()] if now["completed_at"]), None)
            )
            assert (done["status"], done["progress"]) == ("done", 1.0), done
            assert client.get("/models/tiny/").json()["installed"] is True
            hub.status = 500
            catalogue.write_text(TINY.replace('"tiny"', '"other"'))
            path = f"/jobs/{client.post('/models/other/pull/').json()['task_id']}/"
            failed = wait_until(
                lambda: next((now for now in [client.get(path).json()] if now["completed_at"]), None)
            )
            assert failed["error"]["code"] == "hub_unreachable"
    finally:
        studio.close()


def test_a_device_that_this_machine_has_not_is_said(new_studio: Callable[..., Studio]) -> None:
    studio = new_studio(STUDIO_DEVICE="cuda:99", STUDIO_PRELOAD="true")
    with studio.client() as client:
        refused = client.post(GENERATE, json={"prompt": "a cat"})
        not_ready = wait_until(
            lambda: next((said for said in [default_model(client, studio)] if not said["ok"]), None)
        )

    assert (refused.status_code, refused.json()["code"]) == (503, "device_unavailable")
    assert "STUDIO_DEVICE=cuda:99" in refused.json()["detail"]
    assert "set STUDIO_DEVICE=auto" in refused.json()["detail"]
    assert not_ready["detail"] == refused.json()["detail"]


def default_model(client: httpx2.Client, studio: Studio) -> dict[str, Any]:
    said: dict[str, Any] = client.get(f"{studio.url}/health/ready/").json()["checks"]["default_model"]
    return said
