"""A chat through Django's test client, and two people who must not see each other's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

CHAT = "/api/v1/ai-gateway/chat/"

Chat = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_sessions() -> None:
    cache.clear()


@pytest.fixture
def chat(client: Client, db: None) -> Chat:
    """`chat("rotate it", dry_run=True, headers={...})`: the response."""

    def _chat(message: Any, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        body = {"message": message, **fields}
        return client.post(CHAT, body, content_type="application/json", headers=headers or {})

    return _chat


@pytest.fixture
def signed_in(db: None) -> Callable[[str], dict[str, str]]:
    """The headers of a user of this name."""

    def _signed_in(name: str) -> dict[str, str]:
        user, _ = User.objects.get_or_create(username=name)
        return {"authorization": f"Bearer {AccessToken.for_user(user)}"}

    return _signed_in
