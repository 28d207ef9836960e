from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.accounts.tests.conftest import AUTH

pytestmark = pytest.mark.urls("core.accounts.tests.probe")
PROBE, STAFF = "/api/v1/probe/", "/api/v1/staff/"


def test_without_required_auth_anyone_reads_and_makes(client: Client, db: None) -> None:
    for response in (client.get(PROBE), client.post(PROBE)):
        assert response.json() == {"owner": "anonymous", "share": "address:127.0.0.1"}


def test_required_auth_shuts_everything_but_the_doors(
    client: Client, settings: Any, ann: User, post: Any
) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    for response in (client.get(PROBE), client.post(PROBE), client.get(STAFF), post("stream-ticket/")):
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.json()["code"] == "not_authenticated"
    assert post("login/").status_code == 400
    assert post("refresh/").status_code == 400
    assert post("verify/").status_code == 400
    assert post("logout/").status_code == 400
    assert post("register/").status_code == 403


def test_required_auth_lets_users_in(client: Client, settings: Any, ann: User, bearer: Any) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    headers = bearer(ann)
    assert client.get(PROBE, headers=headers).status_code == 200
    assert client.post(PROBE, headers=headers).status_code == 200


@pytest.mark.parametrize("required", [True, False])
def test_only_staff_is_staff(
    client: Client, settings: Any, ann: User, staff: User, bearer: Any, required: bool
) -> None:
    settings.STUDIO_REQUIRE_AUTH = required
    assert client.post(STAFF, headers=bearer(staff)).status_code == 200
    assert client.post(STAFF).status_code == 401
    refused = client.post(STAFF, headers=bearer(ann))
    assert refused.status_code == 403
    assert refused.json()["detail"] == "Only staff may do this."


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://[", "http://localhost.evil.example"]
)
def test_a_page_of_another_site_is_not_the_anonymous_caller(
    client: Client, ann: User, bearer: Any, make_key: Any, origin: str
) -> None:
    """A browser sends a page's form to any address, this machine's own included, without asking."""
    page = {"origin": origin}
    for refused in (client.post(PROBE, {"a": "form"}, headers=page), client.delete(PROBE, headers=page)):
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")
        assert "STUDIO_CORS_ORIGINS" in refused.json()["detail"]
    assert client.get(PROBE, headers=page).status_code == 200, "which the page cannot read"
    for door in ("login/", "register/"):
        refused = client.post(f"{AUTH}{door}", {"username": "eve"}, headers=page)
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")
    # With a credential the page acts for whoever gave it the credential.
    for credential in (bearer(ann), {"x-api-key": make_key(ann)["key"]}):
        assert client.post(PROBE, headers={**page, **credential}).status_code == 200


def test_our_own_pages_are_the_anonymous_caller(client: Client, settings: Any, db: None) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "[::1]"]
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    for origin in ("http://localhost:8000", "http://[::1]:8000", "https://app.example.com"):
        assert client.post(PROBE, headers={"origin": origin}).json()["owner"] == "anonymous"


def test_a_session_is_no_credential(client: Client, ann: User) -> None:
    client.force_login(ann)
    assert client.get(PROBE).json()["owner"] == "anonymous"
    assert client.get(f"{AUTH}me/").status_code == 401


def test_me_tells_staff_that_it_is(client: Client, staff: User, make_key: Any, bearer: Any) -> None:
    me = client.get(f"{AUTH}me", headers=bearer(staff)).json()
    assert (me["is_staff"], me["scopes"]) == (True, ["admin", "generate", "read"])
    key = make_key(staff, scopes=["read"])["key"]
    assert client.get(f"{AUTH}me", headers={"x-api-key": key}).json()["scopes"] == ["read"]
