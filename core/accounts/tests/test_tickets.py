from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from core.accounts.models import StreamTicket

pytestmark = pytest.mark.urls("core.accounts.tests.probe")
STREAM, PROBE = "/api/v1/stream/", "/api/v1/probe/"


@pytest.fixture
def ticket_of(post: Any) -> Any:
    """The ticket for whoever the headers name."""

    def _ticket_of(**headers: str) -> str:
        response = post("stream-ticket/", **headers)
        assert response.status_code == 200, response.content
        assert response.headers["Cache-Control"] == "no-store"
        assert response.json()["expires_in"] == 30
        return str(response.json()["ticket"])

    return _ticket_of


def assert_ticket_refused(response: Any) -> None:
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["code"] == "invalid_ticket"


@pytest.mark.parametrize("required", [True, False])
def test_a_ticket_opens_one_stream_as_its_owner(
    client: Client, settings: Any, ann: User, bearer: Any, ticket_of: Any, required: bool
) -> None:
    settings.STUDIO_REQUIRE_AUTH = required
    ticket = ticket_of(**bearer(ann))
    assert ticket not in str(StreamTicket.objects.values_list())
    assert client.get(STREAM, {"ticket": ticket}).json() == {
        "owner": f"user:{ann.pk}",
        "share": f"user:{ann.pk}",
    }
    assert_ticket_refused(client.get(STREAM, {"ticket": ticket}))


def test_an_anonymous_ticket_keeps_its_address(client: Client, db: None) -> None:
    response = client.post("/api/v1/auth/stream-ticket", REMOTE_ADDR="192.0.2.7")
    opened = client.get(STREAM, {"ticket": response.json()["ticket"]}, REMOTE_ADDR="192.0.2.8")
    assert opened.json() == {"owner": "anonymous", "share": "address:192.0.2.7"}


def test_an_anonymous_ticket_opens_nothing_once_auth_is_required(
    client: Client, db: None, settings: Any, ticket_of: Any
) -> None:
    ticket = ticket_of()
    settings.STUDIO_REQUIRE_AUTH = True
    assert client.get(STREAM, {"ticket": ticket}).status_code in {401, 403}


def test_a_ticket_expires(client: Client, db: None, ticket_of: Any) -> None:
    ticket = ticket_of()
    left = StreamTicket.objects.get().expires_at - timezone.now()
    assert timedelta(seconds=25) < left <= timedelta(seconds=30)
    StreamTicket.objects.update(expires_at=timezone.now())
    assert_ticket_refused(client.get(STREAM, {"ticket": ticket}))
    ticket_of()
    assert StreamTicket.objects.count() == 1  # the expired one was swept away


def test_a_ticket_dies_with_its_user(client: Client, ann: User, bearer: Any, ticket_of: Any) -> None:
    ticket = ticket_of(**bearer(ann))
    User.objects.update(is_active=False)
    assert_ticket_refused(client.get(STREAM, {"ticket": ticket}))


@pytest.mark.parametrize("ticket", ["", "x", "\x00", "\ud7ff%FF", "x" * 5000])
def test_a_made_up_ticket_opens_nothing(client: Client, db: None, ticket: str) -> None:
    assert_ticket_refused(client.get(STREAM, {"ticket": ticket}))


def test_a_ticket_is_for_streams_and_for_reading_only(
    client: Client, ann: User, bearer: Any, ticket_of: Any
) -> None:
    ticket = ticket_of(**bearer(ann))
    assert client.get(f"{PROBE}?ticket={ticket}").json()["owner"] == "anonymous"
    assert client.post(f"{STREAM}?ticket={ticket}").json()["owner"] == "anonymous"
    assert client.get(f"{STREAM}?ticket={ticket}").json()["owner"] == f"user:{ann.pk}"


def test_a_ticket_does_no_more_than_the_key_it_came_from(
    client: Client, ann: User, make_key: Any, post: Any, ticket_of: Any
) -> None:
    reader = make_key(ann, scopes=["read"])["key"]
    assert client.get(STREAM, {"ticket": ticket_of(**{"x-api-key": reader})}).status_code == 200
    maker = make_key(ann, scopes=["generate"])["key"]
    assert post("stream-ticket/", **{"x-api-key": maker}).json()["code"] == "missing_scope"


@pytest.mark.django_db(transaction=True)
def test_of_parallel_streams_with_one_ticket_one_opens(ticket_of: Any) -> None:
    ticket = ticket_of()

    def open_stream(_: int) -> int:
        try:
            return Client().get(STREAM, {"ticket": ticket}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(open_stream, range(8))) == [200] + [401] * 7
