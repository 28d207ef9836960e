"""A request that is sent again is not done again."""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from core.api.idempotency import purge_idempotency_keys, sweep_orphans
from core.api.models import IdempotencyKey
from core.api.tests.shape import assert_error
from core.api.tests.urls import CountView

pytestmark = [pytest.mark.urls("core.api.tests.urls"), pytest.mark.django_db]

URL = "/api/v1/test/count/"


@pytest.fixture(autouse=True)
def fresh_counter() -> None:
    CountView.calls = 0
    CountView.gate.clear()
    CountView.entered.clear()


def post(http: Client, key: str | None, url: str = URL, headers: Any = None, **fields: Any) -> Any:
    keyed = {"Idempotency-Key": key} if key is not None else {}
    return http.post(
        url, json.dumps(fields), content_type="application/json", headers={**keyed, **(headers or {})}
    )


def test_without_a_key_everything_is_done_again(http: Client) -> None:
    assert [post(http, None).json()["call"] for _ in range(2)] == [1, 2]


def test_a_retry_gets_the_first_answer(http: Client) -> None:
    first = post(http, "k1", text="hello")
    again = post(http, "k1", text="hello")
    assert CountView.calls == 1
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert again["X-Seed"] == "7"
    assert "X-Other" not in again
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert again["X-Request-Id"] != first["X-Request-Id"]


def test_a_retry_may_be_written_differently(http: Client) -> None:
    headers = {"Idempotency-Key": "k1"}
    http.post(URL, b'{"a": 1, "b": "\\u00e9"}', content_type="application/json", headers=headers)
    slashless = URL.rstrip("/")
    again = http.post(
        slashless, '{"b":"é","a":1}'.encode(), content_type="application/json; charset=utf-8", headers=headers
    )
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    "other",
    [{"text": "b"}, {}, {"text": ["a"]}, {"text": "a", "more": None}, {"text": "a", "deep": {"x": 1}}],
)
def test_other_fields_under_the_same_key(http: Client, other: dict[str, Any]) -> None:
    post(http, "k1", text="a")
    assert_error(post(http, "k1", **other), 422, "idempotency_key_reused")
    assert CountView.calls == 1


def test_another_path_or_query_under_the_same_key(http: Client) -> None:
    post(http, "k1")
    assert_error(post(http, "k1", url="/api/v1/test/other-count/"), 422, "idempotency_key_reused")
    assert_error(post(http, "k1", url=URL + "?x=1"), 422, "idempotency_key_reused")


def multipart(boundary: str, parts: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, data in parts
        for extra in ['; filename="x.png"' if name == "file" else ""]
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def send_form(http: Client, boundary: str, *parts: tuple[str, bytes]) -> Any:
    body, content_type = multipart(boundary, list(parts))
    return http.generic("POST", URL, body, content_type=content_type, headers={"Idempotency-Key": "form"})


def test_forms_are_compared_by_what_they_hold(http: Client) -> None:
    first = send_form(http, "one", ("a", b"1"), ("file", b"\x00picture" * 100))
    assert first.status_code == 201
    again = send_form(http, "two", ("file", b"\x00picture" * 100), ("a", b"1"))
    assert again["Idempotent-Replayed"] == "true"
    for parts in [
        [("a", b"1"), ("file", b"another picture")],
        [("a", b"2"), ("file", b"\x00picture" * 100)],
        [("a", b"1"), ("a", b"1"), ("file", b"\x00picture" * 100)],
        [("a", b"1")],
    ]:
        assert_error(send_form(http, "three", *parts), 422, "idempotency_key_reused")
    assert CountView.calls == 1


def test_a_hashed_file_can_still_be_read(http: Client) -> None:
    file = SimpleUploadedFile("size.txt", b"not used")
    response = http.post(URL, {"size": "3", "file": file}, headers={"Idempotency-Key": "k"})
    assert response.json()["padding"] == "ppp"


@pytest.mark.parametrize("outcome", ["crash", "full", "unwritable"])
def test_a_server_error_frees_the_key(http: Client, outcome: str) -> None:
    assert post(http, "k1", outcome=outcome).status_code >= 500
    assert post(http, "k1", outcome=outcome).status_code >= 500
    assert CountView.calls == 2
    assert post(http, "k1", outcome="ok").status_code == 201


def test_an_answer_to_a_mistake_is_kept(http: Client) -> None:
    first = post(http, "k1", outcome="missing")
    again = post(http, "k1", outcome="missing")
    assert CountView.calls == 1
    assert (first.status_code, again.content) == (404, first.content)
    assert again["Idempotent-Replayed"] == "true"


def test_secrets_are_not_kept(http: Client) -> None:
    assert post(http, "k1", outcome="secret").status_code == 201
    assert not IdempotencyKey.objects.exists()
    assert "Idempotent-Replayed" not in post(http, "k1", outcome="secret")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é", "tab\there"])
def test_a_key_that_is_none(http: Client, key: str) -> None:
    assert_error(post(http, key), 400, "bad_idempotency_key")


def test_the_longest_key(http: Client) -> None:
    assert post(http, "~" * 255).status_code == 201


def test_bodies_that_cannot_be_read_claim_nothing(http: Client) -> None:
    headers = {"Idempotency-Key": "k1"}
    assert_error(http.post(URL, b"{", content_type="application/json", headers=headers), 400, "parse_error")
    deep = b'{"a":' * 400 + b"1" + b"}" * 400
    assert_error(http.post(URL, deep, content_type="application/json", headers=headers), 400, "parse_error")
    assert post(http, "k1").status_code == 201


def test_keys_are_per_owner(http: Client) -> None:
    tokens = [AccessToken.for_user(User.objects.create_user(name)) for name in ("ann", "ben")]
    for token in tokens:
        response = post(http, "k1", text=str(token), headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 201
        assert "Idempotent-Replayed" not in response
    assert CountView.calls == 2


def test_big_answers_live_in_the_storage_and_leave_with_their_key(http: Client) -> None:
    first = post(http, "k1", size=200_000)
    again = post(http, "k1", size=200_000)
    assert again.content == first.content
    row = IdempotencyKey.objects.get()
    assert not row.body
    assert default_storage.exists(row.body_file)
    assert purge_idempotency_keys() == 0
    assert purge_idempotency_keys(timezone.now() + timedelta(hours=25)) == 1
    assert not default_storage.exists(row.body_file)
    assert not IdempotencyKey.objects.exists()


def test_a_file_that_a_crash_left_without_its_key_is_swept(http: Client) -> None:
    for key in ("kept", "lost"):
        post(http, key, size=200_000)
    kept, lost = (IdempotencyKey.objects.get(key=key).body_file for key in ("kept", "lost"))
    IdempotencyKey.objects.filter(key="lost").delete()

    sweep_orphans()
    assert default_storage.exists(lost), "its row may be about to be written"
    for name in (kept, lost):
        os.utime(default_storage.path(name), (0, 0))
    sweep_orphans()

    assert not default_storage.exists(lost)
    assert default_storage.exists(kept)


def test_an_answer_whose_file_is_gone_is_made_again(http: Client) -> None:
    post(http, "k1", size=200_000)
    default_storage.delete(IdempotencyKey.objects.get().body_file)
    again = post(http, "k1", size=200_000)
    assert (again.status_code, again.json()["call"]) == (201, 2)


def test_a_key_expires_after_a_day(http: Client) -> None:
    post(http, "k1", text="a")
    assert IdempotencyKey.objects.get().expires_at > timezone.now() + timedelta(hours=23)
    IdempotencyKey.objects.update(expires_at=timezone.now())
    assert post(http, "k1", text="other").json()["call"] == 2


def claimed(**facts: Any) -> IdempotencyKey:
    """The row of a request that is still at work, as it stands in the database."""
    row = IdempotencyKey.objects.get()
    IdempotencyKey.objects.update(status_code=None, claim=uuid4(), **facts)
    return row


def test_a_claim_that_is_at_work_is_respected(http: Client) -> None:
    post(http, "k1")
    claimed()
    response = post(http, "k1")
    assert_error(response, 409, "idempotency_in_progress")
    assert int(response["Retry-After"]) >= 1
    assert_error(post(http, "k1", text="other"), 422, "idempotency_key_reused")


@pytest.mark.parametrize("gone", ["old", "dead process", "restarted"])
def test_a_claim_of_somebody_who_is_gone_is_taken_over(http: Client, settings: Any, gone: str) -> None:
    post(http, "k1")
    host, pid, boot = IdempotencyKey.objects.get().process.rsplit(" ", 2)
    claimed(
        **{
            "old": {"started_at": timezone.now() - timedelta(seconds=settings.STUDIO_SYNC_TIMEOUT + 120)},
            "dead process": {"process": f"{host} {2**22 + 1} {boot}"},
            "restarted": {"process": f"{host} {pid} 0123456789abcdef"},
        }[gone]
    )
    assert post(http, "k1").json()["call"] == 2
    assert post(http, "k1")["Idempotent-Replayed"] == "true"


def test_a_claim_on_another_host_is_taken_to_be_alive(http: Client) -> None:
    post(http, "k1")
    claimed(process="another-host 1 0123456789abcdef")
    assert_error(post(http, "k1"), 409, "idempotency_in_progress")


@pytest.fixture
def closing() -> Iterator[ThreadPoolExecutor]:
    """Threads that close their database connections, as a server's do."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def in_thread(*args: Any, **fields: Any) -> Any:
    try:
        return post(Client(raise_request_exception=False), *args, **fields)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_only_one_is_done(closing: ThreadPoolExecutor) -> None:
    first = closing.submit(in_thread, "k1", outcome="wait")
    assert CountView.entered.wait(10)
    during = [closing.submit(in_thread, "k1", outcome="wait").result() for _ in range(3)]
    CountView.gate.set()
    assert first.result().status_code == 201
    for response in during:
        assert_error(response, 409, "idempotency_in_progress")
    assert in_thread("k1", outcome="wait")["Idempotent-Replayed"] == "true"
    assert CountView.calls == 1


@pytest.mark.django_db(transaction=True)
def test_a_race_for_the_key_has_one_winner(closing: ThreadPoolExecutor) -> None:
    CountView.gate.set()
    for attempt in range(5):
        CountView.calls = 0
        start = threading.Barrier(6)

        def racer(start: threading.Barrier = start, key: str = f"race-{attempt}") -> int:
            start.wait()
            return in_thread(key).status_code

        statuses = [future.result() for future in [closing.submit(racer) for _ in range(6)]]
        assert CountView.calls == 1
        assert set(statuses) <= {201, 409}
        assert 201 in statuses


@pytest.mark.django_db(transaction=True)
def test_a_keyed_call_outlives_its_client() -> None:
    body = json.dumps({"outcome": "wait"}).encode()

    async def ask_and_leave() -> None:
        scope = {
            "type": "http",
            "method": "POST",
            "path": URL,
            "query_string": b"",
            "headers": [
                (b"host", b"localhost"),
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"idempotency-key", b"k1"),
            ],
        }
        communicator = ApplicationCommunicator(get_asgi_application(), scope)
        await communicator.send_input({"type": "http.request", "body": body})
        assert await asyncio.to_thread(CountView.entered.wait, 10)
        await communicator.send_input({"type": "http.disconnect"})
        await asyncio.sleep(0.05)
        CountView.gate.set()
        await communicator.wait(10)

    async_to_sync(ask_and_leave)()
    assert post(Client(), "k1", outcome="wait")["Idempotent-Replayed"] == "true"
    assert CountView.calls == 1
