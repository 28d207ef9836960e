"""Asks as a client does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def post() -> Callable[[str, Any], HttpResponse]:
    """Posts JSON below /prompt-refinement/."""
    client = Client(headers={"host": "localhost"})

    def ask(path: str, body: Any) -> HttpResponse:
        return client.post(f"/api/v1/prompt-refinement/{path}/", body, content_type="application/json")

    return ask


@pytest.fixture
def refine(post: Callable[[str, Any], HttpResponse]) -> Ask:
    """The answer to refine/ for a prompt; keywords are further fields."""

    def ask(prompt: str, **fields: Any) -> dict[str, Any]:
        answer = post("refine", {"prompt": prompt, **fields})
        assert answer.status_code == 200, answer.content
        said: dict[str, Any] = answer.json()
        return said

    return ask
