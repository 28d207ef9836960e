"""Settings are documented, and mean what their old names meant."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backendAI import casts, environment
from backendAI.settings import env

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize("document", ["docs/configuration.md", ".env.example"])
def test_every_setting_is_documented_and_every_documented_one_exists(document: str) -> None:
    named = set(re.findall(r"^(?:\| `|#)(STUDIO_\w+)", (ROOT / document).read_text(), re.MULTILINE))

    assert named == set(env.scheme)


def test_documented_defaults_are_the_real_ones() -> None:
    table = re.findall(
        r"^\| `(STUDIO_\w+)` \| `(.*?)` \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE
    )

    assert len(table) > 15
    for name, documented in table:
        default = env.scheme[name][1]
        if isinstance(default, bool):
            default = str(default).lower()
        assert str(default).removeprefix(f"{ROOT}/").removesuffix(".0") == documented, name


def test_old_names_are_adopted_but_never_win() -> None:
    given = {
        "APP_PORT": "9",
        "BACKEND_HOST": "h",
        "DATABASE_URL": "d",
        "MODEL_NAME": "m",
        "STUDIO_IMAGE_MODEL": "n",
    }

    environment.adopt_old_names(given)

    assert (given["STUDIO_PORT"], given["STUDIO_HOST"], given["STUDIO_DATABASE_URL"]) == ("9", "h", "d")
    assert given["STUDIO_IMAGE_MODEL"] == "n"


def test_use_sqlite_drops_an_old_database_url() -> None:
    given = {"USE_SQLITE": "True", "DATABASE_URL": "postgres://x"}

    environment.adopt_old_names(given)

    assert "STUDIO_DATABASE_URL" not in given


def test_debug_of_another_tool_is_not_for_us() -> None:
    given = {"DEBUG": "express:*"}

    environment.adopt_old_names(given)

    assert "STUDIO_DEBUG" not in given


def test_a_sqlalchemy_url_is_translated() -> None:
    found = casts.database("postgresql+psycopg2://u:p@h:5/db")

    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("h", 5, "db")


def test_lists_may_have_spaces_and_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_ALLOWED_HOSTS", "a.com, b.com ,")
    monkeypatch.setenv("STUDIO_BATCH_CAP", "")
    monkeypatch.setenv("STUDIO_REQUIRE_AUTH", " ON ")

    assert env("STUDIO_ALLOWED_HOSTS") == ["a.com", "b.com"]
    assert env("STUDIO_BATCH_CAP") == 0
    assert env("STUDIO_REQUIRE_AUTH") is True


@pytest.mark.parametrize(
    "line", ["STUDIO_REQUIRE_AUTH = true", " STUDIO_REQUIRE_AUTH=true", "STUDIO_REQUIRE_AUTH"]
)
def test_a_line_that_would_be_passed_over_is_an_error(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    environment.check_env_file(file)
    file.write_text(f"# accounts\n\nexport STUDIO_PORT=8001\n{line}\n")

    with pytest.raises(ImproperlyConfigured, match=r"\.env, line 4: must be NAME=value"):
        environment.check_env_file(file)


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://app.example.com", "http://[::1]:8080", "tauri://localhost"]
)
def test_origins_of_pages(origin: str) -> None:
    assert casts.origins(origin) == [origin]


def test_a_public_address_needs_a_key_and_loopback_keeps_its_own(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="STUDIO_SECRET_KEY"):
        environment.secret_key("", tmp_path, "0.0.0.0")

    made = environment.secret_key("", tmp_path, "127.0.0.1")

    assert len(made) > 50
    assert environment.secret_key("", tmp_path, "localhost") == made
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"STUDIO_HOST": "0.0.0.0"}, "STUDIO_SECRET_KEY"),
        ({"STUDIO_HOST": "0.0.0.0", "STUDIO_SECRET_KEY": "x" * 50}, "STUDIO_REQUIRE_AUTH"),
        ({"STUDIO_PORT": "eighty"}, "STUDIO_PORT"),
        ({"STUDIO_PORT": "80800"}, "STUDIO_PORT"),
        ({"STUDIO_REQUIRE_AUTH": "true  # accounts"}, "STUDIO_REQUIRE_AUTH must be true or false"),
        ({"STUDIO_REQUIRE_AUTH": '"true"'}, "STUDIO_REQUIRE_AUTH must be true or false"),
        ({"STUDIO_ALLOW_OPEN": "tru"}, "STUDIO_ALLOW_OPEN must be true or false"),
        ({"STUDIO_CORS_ORIGINS": "https://app.example.com/"}, "STUDIO_CORS_ORIGINS"),
        ({"STUDIO_CORS_ORIGINS": "https://app.example.com,localhost:3000"}, "STUDIO_CORS_ORIGINS"),
        ({"STUDIO_CORS_ORIGINS": "*"}, "STUDIO_CORS_ORIGINS"),
        ({"STUDIO_THROTTLE": "600"}, "STUDIO_THROTTLE must be <number>/second, /minute, /hour or /day"),
        ({"STUDIO_THROTTLE": "600 / minute"}, "STUDIO_THROTTLE"),
        ({"STUDIO_THROTTLE_LOGIN": "600/5m"}, "STUDIO_THROTTLE_LOGIN"),
        ({"STUDIO_LOG_FORMAT": "text"}, "STUDIO_LOG_FORMAT must be one of: console, json"),
        ({"STUDIO_LOG_LEVEL": "trace"}, "STUDIO_LOG_LEVEL must be one of: DEBUG"),
        ({"STUDIO_BATCHING": "on"}, "STUDIO_BATCHING"),
        ({"STUDIO_DATABASE_URL": "postgres"}, "STUDIO_DATABASE_URL"),
        ({"STUDIO_DATABASE_URL": "postgres://u:p4ss/word@h/db"}, "STUDIO_DATABASE_URL"),
        ({"STUDIO_DATABASE_URL": "//u:p4ss@h/db"}, "STUDIO_DATABASE_URL"),
        ({"STUDIO_LLM_BASE_URL": "https://me:p4ss@example.com/v1"}, "STUDIO_LLM_BASE_URL"),
        ({"STUDIO_LLM_BASE_URL": "https://me:p4ss@exa\u2100mple.com/v1"}, "STUDIO_LLM_BASE_URL"),
        ({"STUDIO_LLM_BASE_URL": "http://h:abc/v1"}, "STUDIO_LLM_BASE_URL"),
        ({"APP_PORT": "eighty"}, "APP_PORT must be a whole number"),
        ({"STUDIO_DEVICE": "gpu"}, "STUDIO_DEVICE must be auto, cpu, cuda, cuda:<number> or mps"),
        ({"STUDIO_SSE_KEEPALIVE": "0"}, "STUDIO_SSE_KEEPALIVE must be a number of seconds, at least 1"),
        ({"STUDIO_JOB_LEASE": "0"}, "STUDIO_JOB_LEASE"),
        ({"STUDIO_LLM_TIMEOUT": "1e3s"}, "STUDIO_LLM_TIMEOUT"),
        ({"STUDIO_CPU_SLOTS": "0"}, "STUDIO_CPU_SLOTS must be a whole number, at least 1"),
        ({"STUDIO_IMAGE_MODEL": "no/such"}, "STUDIO_IMAGE_MODEL=no/such"),
        ({"STUDIO_IMAGE_MODEL": "u2net"}, "STUDIO_IMAGE_MODEL=u2net"),
    ],
)
def test_serve_refuses_what_is_not_safe_or_not_sane(
    given: dict[str, str], reason: str, tmp_path: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "STUDIO_STATE_ROOT": str(tmp_path), **given},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert run.returncode != 0
    assert reason in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr
    assert "p4ss" not in run.stderr


PROXIED = """
import django
django.setup()
from django.test import RequestFactory
request = RequestFactory().get("/", headers={"x-forwarded-proto": "https"})
print(request.is_secure())
"""


@pytest.mark.parametrize(("proxies", "secure"), [("0", "False"), ("1", "True")])
def test_only_a_trusted_proxy_may_say_that_the_client_spoke_tls(
    proxies: str, secure: str, tmp_path: Path
) -> None:
    given = {"STUDIO_TRUSTED_PROXIES": proxies, "STUDIO_STATE_ROOT": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", PROXIED],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "backendAI.settings", **given},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.strip() == secure
