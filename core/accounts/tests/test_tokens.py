from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from core.accounts.authentication import BearerAuthentication
from core.accounts.tests.conftest import AUTH, PASSWORD

pytestmark = pytest.mark.urls("core.accounts.tests.probe")
PROBE = "/api/v1/probe/"


def assert_token_refused(response: Any) -> None:
    assert response.status_code == 401, response.content
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["code"] == "token_not_valid"


@pytest.mark.parametrize("required", [True, False])
def test_a_bad_token_is_refused_even_where_none_is_needed(
    client: Client, settings: Any, ann: User, log_in: Any, required: bool
) -> None:
    settings.STUDIO_REQUIRE_AUTH = required
    pair = log_in(ann)
    head, body, signature = pair["access"].split(".")
    expired = AccessToken.for_user(ann)
    expired.set_exp(lifetime=-timedelta(seconds=1))
    forged = f"{head}.{body}.{signature[::-1]}"
    for token in ("x", "", "a b", forged, str(expired), pair["refresh"], "eyJhbGciOiJub25lIn0.e30."):
        assert_token_refused(client.get(PROBE, headers={"authorization": f"Bearer {token}"}))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_says_who_asks(client: Client, ann: User, log_in: Any, scheme: str) -> None:
    response = client.get(PROBE, headers={"authorization": f"{scheme} {log_in(ann)['access']}"})
    assert response.json() == {"owner": f"user:{ann.pk}", "share": f"user:{ann.pk}"}


def test_another_scheme_is_none_of_our_business(client: Client, db: None) -> None:
    assert client.get(PROBE, headers={"authorization": "Basic YTpi"}).json()["owner"] == "anonymous"


@pytest.mark.parametrize("change", ["deleted", "inactive", "password"])
def test_a_token_dies_with_what_it_stands_for(
    client: Client, ann: User, log_in: Any, post: Any, change: str
) -> None:
    pair = log_in(ann)
    if change == "deleted":
        ann.delete()
    elif change == "inactive":
        User.objects.update(is_active=False)
    else:
        ann.set_password("another-long-one")
        ann.save()
    assert_token_refused(client.get(PROBE, headers={"authorization": f"Bearer {pair['access']}"}))
    assert_token_refused(post("refresh/", {"refresh": pair["refresh"]}))
    assert_token_refused(post("verify/", {"token": pair["access"]}))


def test_a_refresh_token_works_once(client: Client, ann: User, log_in: Any, post: Any) -> None:
    first = log_in(ann)
    response = post("refresh/", {"refresh": first["refresh"]})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    second = response.json()
    assert set(second) == {"access", "refresh", "token_type", "expires_in"}
    assert client.get(PROBE, headers={"authorization": f"Bearer {second['access']}"}).status_code == 200
    assert_token_refused(post("refresh/", {"refresh": first["refresh"]}))
    assert post("refresh/", {"refresh": second["refresh"]}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_parallel_refreshes_one_wins(ann: User, log_in: Any) -> None:
    refresh = log_in(ann)["refresh"]

    def renew(_: int) -> int:
        try:
            return (
                Client()
                .post(AUTH + "refresh/", {"refresh": refresh}, content_type="application/json")
                .status_code
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(renew, range(6))) == [200] + [401] * 5


def test_logging_out_ends_the_refresh_token(ann: User, log_in: Any, post: Any) -> None:
    pair = log_in(ann)
    response = post("logout/", {"refresh": pair["refresh"]})
    assert (response.status_code, response.content) == (204, b"")
    assert_token_refused(post("refresh/", {"refresh": pair["refresh"]}))
    assert_token_refused(post("verify/", {"token": pair["refresh"]}))
    assert_token_refused(post("logout/", {"refresh": pair["refresh"]}))


def test_verify_takes_either_kind(ann: User, log_in: Any, post: Any) -> None:
    pair = log_in(ann)
    for token in (pair["access"], pair["refresh"]):
        response = post("verify/", {"token": token})
        assert (response.status_code, response.json()) == (200, {})
    assert_token_refused(post("verify/", {"token": "x"}))


def test_an_expired_refresh_token_is_refused(ann: User, post: Any) -> None:
    token = RefreshToken.for_user(ann)
    token.set_exp(lifetime=-timedelta(seconds=1))
    for path in ("refresh/", "logout/"):
        assert_token_refused(post(path, {"refresh": str(token)}))


def test_an_access_token_does_not_refresh(ann: User, log_in: Any, post: Any) -> None:
    assert_token_refused(post("refresh/", {"refresh": log_in(ann)["access"]}))


def test_no_live_token_is_in_the_database(ann: User, log_in: Any, post: Any) -> None:
    first = log_in(ann)
    live = post("refresh/", {"refresh": first["refresh"]}).json()["refresh"]
    assert list(OutstandingToken.objects.values_list("token", flat=True)) == [first["refresh"]]
    assert live != first["refresh"]


def test_the_paths_need_no_slash(post: Any, ann: User) -> None:
    refresh = post("login", {"username": "ann", "password": PASSWORD}).json()["refresh"]
    refresh = post("refresh", {"refresh": refresh}).json()["refresh"]
    assert post("verify", {"token": refresh}).status_code == 200
    assert post("logout", {"refresh": refresh}).status_code == 204


@given(st.binary(max_size=60))
def test_any_header_is_read_or_left_alone(header: bytes) -> None:
    token = BearerAuthentication().get_raw_token(header)
    assert (token is None) == (header.strip().partition(b" ")[0].lower() != b"bearer")
