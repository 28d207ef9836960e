from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from core.accounts.models import ApiKey

pytestmark = pytest.mark.urls("core.accounts.tests.probe")
KEYS, PROBE, STAFF, SEARCH = "/api/v1/auth/api-keys/", "/api/v1/probe/", "/api/v1/staff/", "/api/v1/search/"


def test_a_key_is_shown_once_and_stored_as_a_digest(
    client: Client, ann: User, make_key: Any, bearer: Any
) -> None:
    made = make_key(ann, name="laptop", scopes=["read"])
    key = made.pop("key")
    assert key.startswith(f"studio_{made['prefix']}_")
    listed = client.get(KEYS, headers=bearer(ann)).json()
    assert listed == {"next": None, "previous": None, "results": [made]}
    row = ApiKey.objects.get()
    stored = " ".join(str(getattr(row, field.name)) for field in ApiKey._meta.fields)
    assert key.split("_", 2)[2] not in stored


def test_a_key_says_who_asks(client: Client, ann: User, make_key: Any) -> None:
    key = make_key(ann)["key"]
    assert client.get(PROBE, headers={"x-api-key": key}).json()["owner"] == f"user:{ann.pk}"


def test_a_wrong_key_is_refused_even_where_none_is_needed(client: Client, ann: User, make_key: Any) -> None:
    key = make_key(ann)["key"]
    head, prefix, secret = key.split("_", 2)
    wrong = ["", "x", f"studio_{prefix}_", f"{head}_{prefix}_{secret[::-1]}", f"{key}x", "studio_\x00_x", "é"]
    for value in wrong:
        response = client.get(PROBE, headers={"x-api-key": value})
        assert response.status_code == 401, value
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.json()["code"] == "invalid_api_key"


@pytest.mark.parametrize("end", ["expired", "inactive", "deleted"])
def test_a_key_ends(client: Client, ann: User, make_key: Any, bearer: Any, end: str) -> None:
    soon = timezone.now() + timedelta(hours=1)
    made = make_key(ann, expires_at=soon.isoformat())
    headers = {"x-api-key": made["key"]}
    assert client.get(PROBE, headers=headers).status_code == 200
    if end == "expired":
        ApiKey.objects.update(expires_at=timezone.now())
    elif end == "inactive":
        User.objects.update(is_active=False)
    else:
        assert client.delete(f"{KEYS}{made['id']}/", headers=bearer(ann)).status_code == 204
    assert client.get(PROBE, headers=headers).status_code == 401


def test_scopes_limit_a_key(client: Client, ann: User, make_key: Any) -> None:
    reader = {"x-api-key": make_key(ann, scopes=["read"])["key"]}
    maker = {"x-api-key": make_key(ann, scopes=["generate"])["key"]}
    assert client.get(PROBE, headers=reader).status_code == 200
    assert client.post(PROBE, headers=maker).status_code == 200
    assert client.post(SEARCH, headers=reader).status_code == 200  # the view says that it only reads
    for response, scope in [
        (client.post(PROBE, headers=reader), "generate"),
        (client.delete(PROBE, headers=reader), "generate"),
        (client.get(PROBE, headers=maker), "read"),
        (client.post(SEARCH, headers=maker), "read"),
    ]:
        assert response.status_code == 403
        assert response.json()["code"] == "missing_scope"
        assert f"'{scope}'" in response.json()["detail"]


def test_staff_endpoints_need_the_scope_admin_and_a_staff_user(
    client: Client, staff: User, make_key: Any
) -> None:
    admin = {"x-api-key": make_key(staff, scopes=["admin"])["key"]}
    plain = {"x-api-key": make_key(staff)["key"]}
    assert client.post(STAFF, headers=admin).status_code == 200
    refused = client.post(STAFF, headers=plain)
    assert refused.status_code == 403
    assert "'admin'" in refused.json()["detail"]
    User.objects.update(is_staff=False)
    assert client.post(STAFF, headers=admin).status_code == 403
    assert client.get("/api/v1/auth/me/", headers=admin).json()["scopes"] == []


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"prefix": "mine"}, None),
        ({"owner": 1}, "owner"),
    ],
)
def test_a_bad_key_names_its_field(
    ann: User, post: Any, bearer: Any, fields: dict[str, Any], at_fault: str | None
) -> None:
    response = post("api-keys/", {"name": "laptop", **fields}, **bearer(ann))
    if at_fault is None:
        assert response.json()["prefix"] != "mine"
        return
    assert response.status_code == 400
    assert at_fault in str(list(response.json()["errors"]))
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("cursor", ["cD1hYmM=", "nonsense"])
def test_a_cursor_that_was_never_given_out(client: Client, ann: User, bearer: Any, cursor: str) -> None:
    assert client.get(KEYS, {"cursor": cursor}, headers=bearer(ann)).status_code == 404


def test_a_key_makes_lists_and_deletes_no_keys(client: Client, ann: User, post: Any, make_key: Any) -> None:
    made = make_key(ann)
    headers = {"x-api-key": made["key"]}
    for response in [
        post("api-keys/", {"name": "another"}, **headers),
        client.get(KEYS, headers=headers),
        client.delete(f"{KEYS}{made['id']}/", headers=headers),
    ]:
        assert response.status_code == 403
        assert "login" in response.json()["detail"]
    assert ApiKey.objects.count() == 1


def test_nobody_has_no_keys(client: Client, db: None, post: Any) -> None:
    assert client.get(KEYS).status_code == 401
    assert post("api-keys/", {"name": "x"}).status_code == 401


def test_other_users_keys_do_not_exist(
    client: Client, ann: User, bob: User, make_key: Any, bearer: Any
) -> None:
    made = make_key(ann)
    for key_id in (made["id"], 10**17, 0):
        response = client.delete(f"{KEYS}{key_id}/", headers=bearer(bob))
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"
    assert client.get(KEYS, headers=bearer(bob)).json()["results"] == []
    assert client.get(PROBE, headers={"x-api-key": made["key"]}).status_code == 200


def test_the_last_use_is_noted_at_most_once_a_minute(client: Client, ann: User, make_key: Any) -> None:
    headers = {"x-api-key": make_key(ann)["key"]}

    def last_use() -> Any:
        client.get(PROBE, headers=headers)
        return ApiKey.objects.get().last_used_at

    first = last_use()
    assert first is not None
    assert last_use() == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    assert last_use() > first


def test_an_answer_with_a_key_is_not_kept_for_a_repeated_request(ann: User, post: Any, bearer: Any) -> None:
    headers = {**bearer(ann), "idempotency-key": "same"}
    keys = {post("api-keys/", {"name": "laptop"}, **headers).json()["key"] for _ in range(2)}
    assert len(keys) == 2


def test_every_answer_with_a_secret_forbids_keeping_it(ann: User, post: Any, bearer: Any) -> None:
    response = post("api-keys/", {"name": "laptop"}, **bearer(ann))
    assert response.headers["Cache-Control"] == "no-store"


def test_the_migrations_are_complete(db: None) -> None:
    call_command("makemigrations", "accounts", "--check", "--dry-run", verbosity=0)
