"""What settings read from outside: the environment and its old names, the secret key."""

import secrets
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from core.accounts.exposure import is_loopback

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


class Environment(environ.Env):  # type: ignore[misc]
    """Typed access to the environment that says which variable could not be understood."""

    def __call__(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{var}={self.ENVIRON.get(var)!r} cannot be understood: {error}"
            ) from None


def one_of(env: Environment, var: str, known: set[str]) -> str:
    """The variable's value, which must be among `known`; raises ImproperlyConfigured."""
    value = str(env(var))
    if value not in known:
        raise ImproperlyConfigured(f"{var}={value!r} must be one of: {', '.join(sorted(known))}.")
    return value


def endpoint(env: Environment, var: str) -> str:
    """The variable's HTTP address without its last slash, or "". Raises ImproperlyConfigured.

    An address that holds a password is refused: it would end up in logs.
    """
    value = str(env(var)).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username):
        raise ImproperlyConfigured(
            f"{var} must be an address such as http://127.0.0.1:11434/v1, without a user."
        )
    return value


def adopt_old_names(environment: MutableMapping[str, str]) -> None:
    """Copies each old name to its new one unless that is set. `USE_SQLITE` drops an old database URL."""
    use_sqlite = environment.get("USE_SQLITE", "").lower() in {"1", "true", "yes", "on"}
    for name, old_names in OLD_NAMES.items():
        if name == "STUDIO_DATABASE_URL" and use_sqlite:
            continue
        for old_name in old_names:
            if environment.get(old_name) and not environment.get(name):
                environment[name] = environment[old_name]


def database_url(url: str, sqlite_path: Path) -> str:
    """A URL django-environ understands; SQLAlchemy's driver suffix (`postgresql+psycopg2://`) is dropped."""
    if not url:
        sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{sqlite_path}"
    scheme, separator, rest = url.partition("://")
    return scheme.split("+")[0] + separator + rest


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
    path = state_root / "secret_key"
    if not path.exists():
        state_root.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii")
