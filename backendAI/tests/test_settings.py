"""Settings are documented, and mean what their old names meant."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backendAI import environment
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


def test_a_sqlalchemy_url_is_translated(tmp_path: Path) -> None:
    url = environment.database_url("postgresql+psycopg2://u:p@h:5/db", tmp_path / "db.sqlite3")

    assert env.db_url_config(url)["ENGINE"] == "django.db.backends.postgresql"


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
