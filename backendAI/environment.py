"""What settings read from outside: the environment and its old names, the secret key."""

import re
import secrets
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from backendAI.casts import TRUE_WORDS, is_switch
from core.accounts.exposure import is_loopback
from core.write_once import write_once

# Names of the previous backend, still honoured where the new name is not set.
OLD_NAMES = {
    "STUDIO_HOST": ("BACKEND_HOST", "APP_HOST"),
    "STUDIO_PORT": ("BACKEND_PORT", "APP_PORT"),
    "STUDIO_DATABASE_URL": ("DATABASE_URL",),
    "STUDIO_DEBUG": ("DEBUG",),
    "STUDIO_IMAGE_MODEL": ("MODEL_NAME",),
    "STUDIO_HF_TOKEN": ("HF_TOKEN",),
    "STUDIO_REPLICATE_TOKEN": ("REPLICATE_API_TOKEN",),
}

# What errors call a variable whose value came under an old name. Django may read the settings twice.
_adopted: dict[str, str] = {}
_LINE = re.compile(r"(export )?\w+=")  # what django-environ reads


class Environment(environ.Env):  # type: ignore[misc]
    """Typed access to the environment. An empty variable counts as one that is not set."""

    def __call__(self, var: str) -> Any:
        """The value as its cast reads it. Raises ImproperlyConfigured, which names the variable."""
        if not self.ENVIRON.get(var, "").strip():
            return self.scheme[var][1]
        try:
            return super().__call__(var)
        except ValueError as error:
            raise ImproperlyConfigured(f"{_adopted.get(var, var)} {error}") from None


def check_env_file(path: Path) -> None:
    """Raises ImproperlyConfigured for a line that would be passed over, even one that asks for accounts."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#") and not _LINE.match(line):
            raise ImproperlyConfigured(f"{path.name}, line {number}: must be NAME=value, without spaces.")


def adopt_old_names(environment: MutableMapping[str, str]) -> None:
    """Copies each old name to its new one unless that is set. `USE_SQLITE` drops an old database URL.

    Other tools read `DEBUG` too, and may want it to be a list of names: then it is not for us.
    """
    use_sqlite = environment.get("USE_SQLITE", "").lower() in TRUE_WORDS
    for name, old_names in OLD_NAMES.items():
        if name == "STUDIO_DATABASE_URL" and use_sqlite:
            continue
        for old_name in old_names:
            value = environment.get(old_name)
            if not value or environment.get(name) or (old_name == "DEBUG" and not is_switch(value)):
                continue
            environment[name] = value
            _adopted[name] = old_name


def sqlite(path: Path) -> dict[str, object]:
    """The database that needs no server."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}


def secret_key(given: str, state_root: Path, host: str) -> str:
    """The given key, or on loopback one that is made on first use and kept under the state folder.

    Raises ImproperlyConfigured on a public address without a key: sessions and tokens are signed with it.
    """
    if given:
        return given
    if not is_loopback(host):
        raise ImproperlyConfigured(
            f"STUDIO_HOST={host} can be reached from other machines: set STUDIO_SECRET_KEY to a long random "
            'value, for example from: python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return write_once(state_root / "secret_key", lambda: secrets.token_urlsafe(50))
