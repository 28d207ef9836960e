import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User

from core.accounts.websocket import OwnerMiddleware

# A connection of its own thread: what a test has not committed would not be seen there.
pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30.0  # seconds; a machine that is busy with tests may stand still for one


class Consumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        offered = self.scope["subprotocols"]
        await self.accept("bearer" if "bearer" in offered else None)
        owner = self.scope["owner"]
        if owner is None:
            await self.close(4401)
        else:
            await self.send_json([owner.id, owner.share, sorted(self.scope["scopes"])])


def knock(*protocols: str, query: str = "", **headers: str) -> Any:
    """What the consumer says about the caller, or the code it closes with."""

    async def _knock() -> Any:
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        path = f"/ws/jobs/?{query}"
        asked = WebsocketCommunicator(OwnerMiddleware(Consumer()), path, pairs, subprotocols=list(protocols))
        asked.scope["client"] = ["192.0.2.1", 4711]
        connected, _ = await asked.connect(PATIENCE)
        assert connected
        said = await asked.receive_output(PATIENCE)
        await asked.disconnect(timeout=PATIENCE)
        return said.get("code") or json.loads(said["text"])

    return async_to_sync(_knock)()


ANYONE = ["anonymous", "address:192.0.2.1", ["generate", "read"]]


@pytest.fixture
def as_ann(ann: User) -> list[Any]:
    return [f"user:{ann.pk}", f"user:{ann.pk}", ["generate", "read"]]


def test_the_token_comes_as_a_subprotocol(settings: Any, ann: User, as_ann: Any, log_in: Any) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    assert knock("bearer", log_in(ann)["access"]) == as_ann


def test_headers_work_as_over_http(settings: Any, ann: User, as_ann: Any, bearer: Any, make_key: Any) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    assert knock(**bearer(ann)) == as_ann
    assert knock(x_api_key=make_key(ann, scopes=["read"])["key"]) == [*as_ann[:2], ["read"]]


def test_a_ticket_works_once(settings: Any, ann: User, as_ann: Any, bearer: Any, post: Any) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    ticket = post("stream-ticket/", **bearer(ann)).json()["ticket"]
    assert knock(query=f"ticket={ticket}") == as_ann
    assert knock(query=f"ticket={ticket}") == 4401


def test_a_ticket_carries_the_scopes_of_its_key(ann: User, as_ann: Any, make_key: Any, post: Any) -> None:
    key = make_key(ann, scopes=["read"])["key"]
    ticket = post("stream-ticket/", **{"x-api-key": key}).json()["ticket"]
    assert knock(query=f"ticket={ticket}") == [*as_ann[:2], ["read"]]


def test_nobody_is_anonymous_or_nobody(settings: Any) -> None:
    assert knock() == ANYONE
    settings.STUDIO_REQUIRE_AUTH = True
    assert knock() == 4401


@pytest.mark.parametrize("required", [True, False])
def test_a_wrong_credential_is_refused_even_where_none_is_needed(
    settings: Any, ann: User, log_in: Any, make_key: Any, required: bool
) -> None:
    settings.STUDIO_REQUIRE_AUTH = required
    pair = log_in(ann)
    assert knock("bearer", "x") == 4401
    assert knock("bearer") == 4401
    assert knock("bearer", pair["refresh"]) == 4401
    assert knock(authorization="Bearer x") == 4401
    assert knock("bearer", "x", authorization=f"Bearer {pair['access']}") == 4401
    assert knock(x_api_key="x") == 4401
    assert knock(x_api_key=make_key(ann, scopes=["generate"])["key"]) == 4401
    assert knock(query="ticket=x") == 4401
    assert knock(query="ticket=") == 4401


def test_a_page_of_another_site_is_not_the_anonymous_caller(
    settings: Any, ann: User, as_ann: Any, log_in: Any
) -> None:
    token = log_in(ann)["access"]
    settings.ALLOWED_HOSTS = ["localhost", "[::1]"]
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    for origin in ("http://localhost:8000", "http://[::1]:8000", "https://app.example.com"):
        assert knock(origin=origin) == ANYONE
    for origin in ("https://evil.example.com", "null", "http://[", "http://localhost.evil.example.com"):
        assert knock(origin=origin) == 4401
    # With a token of its own the page acts for whoever gave it the token, not for the studio's neighbour.
    assert knock("bearer", token, origin="https://evil.example.com") == as_ann


def test_the_address_comes_from_the_trusted_proxy(settings: Any) -> None:
    settings.STUDIO_TRUSTED_PROXIES = 1
    assert knock(x_forwarded_for="6.6.6.6, 203.0.113.9")[1] == "address:203.0.113.9"
