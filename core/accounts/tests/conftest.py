"""People, and their credentials as they would get them: over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

PASSWORD = "a-long-enough-one"
AUTH = "/api/v1/auth/"


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()  # the throttles count there


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", "Ann@example.com", PASSWORD)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", "bob@example.com", PASSWORD)


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user("chief", "chief@example.com", PASSWORD, is_staff=True)


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    """`post("login/", {...}, **headers)`: JSON to a path under /api/v1/auth/."""

    def _post(path: str, body: Any = None, **headers: str) -> Any:
        return client.post(AUTH + path, body or {}, content_type="application/json", headers=headers)

    return _post


@pytest.fixture
def log_in(post: Callable[..., Any]) -> Callable[[User], dict[str, Any]]:
    """The pair of tokens that a user gets for the password."""

    def _log_in(user: User) -> dict[str, Any]:
        response = post("login/", {"username": user.username, "password": PASSWORD})
        assert response.status_code == 200, response.content
        return response.json()

    return _log_in


@pytest.fixture
def bearer(log_in: Callable[[User], dict[str, Any]]) -> Callable[[User], dict[str, str]]:
    """The headers of a user who has logged in."""
    return lambda user: {"authorization": f"Bearer {log_in(user)['access']}"}


@pytest.fixture
def make_key(
    post: Callable[..., Any], bearer: Callable[[User], dict[str, str]]
) -> Callable[..., dict[str, Any]]:
    """A user's new API key, as the one answer that shows it."""

    def _make_key(user: User, **fields: Any) -> dict[str, Any]:
        response = post("api-keys/", {"name": "laptop", **fields}, **bearer(user))
        assert response.status_code == 201, response.content
        return response.json()

    return _make_key
