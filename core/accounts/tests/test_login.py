from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from rest_framework.settings import api_settings

from core.accounts.tests.conftest import PASSWORD

HASHED: list[str] = []


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"

    def encode(self, password: str, salt: str) -> str:
        HASHED.append(password)
        return super().encode(password, salt)


@pytest.mark.parametrize(
    "who", [{"username": "ann"}, {"email": "Ann@example.com"}, {"email": "ann@EXAMPLE.com"}]
)
def test_a_name_or_an_address_in_any_case_logs_in(client: Any, post: Any, ann: User, who: dict) -> None:
    response = post("login/", {**who, "password": PASSWORD})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert set(body) == {"access", "refresh", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
    me = client.get("/api/v1/auth/me/", headers={"authorization": f"Bearer {body['access']}"}).json()
    assert me == {
        "id": ann.pk,
        "username": "ann",
        "email": "Ann@example.com",
        "is_staff": False,
        "scopes": ["generate", "read"],
    }
    ann.refresh_from_db()
    assert ann.last_login is not None


def test_every_failure_gives_the_same_answer(post: Any, ann: User) -> None:
    gone = User.objects.create_user("gone", "gone@example.com", PASSWORD, is_active=False)
    answers = [
        post("login/", {"username": "ann", "password": "wrong"}),
        post("login/", {"username": "nobody", "password": PASSWORD}),
        post("login/", {"email": "ann@example.com", "password": "wrong"}),
        post("login/", {"email": "nobody@example.com", "password": PASSWORD}),
        post("login/", {"username": gone.username, "password": PASSWORD}),
    ]
    for response in answers:
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        body = response.json()
        assert (body["code"], body["detail"]) == ("login_failed", "No such account, or the wrong password.")


@pytest.mark.parametrize(
    "who",
    [
        {"username": "ann"},
        {"username": "nobody"},
        {"email": "ann@example.com"},
        {"email": "nobody@example.com"},
    ],
)
def test_every_failure_hashes_one_password(settings: Any, post: Any, db: None, who: dict) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    User.objects.create_user("ann", "ann@example.com", PASSWORD)
    HASHED.clear()
    assert post("login/", {**who, "password": "wrong"}).status_code == 401
    assert HASHED == ["wrong"]


def test_a_shared_address_locks_nobody_out(post: Any, ann: User) -> None:
    User.objects.create_user("other", "ann@example.com", "quite-another-one")
    for password in (PASSWORD, "quite-another-one"):
        assert post("login/", {"email": "ann@example.com", "password": password}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "password"),
        ({"password": PASSWORD}, "username"),
        ({"username": "ann", "email": "ann@example.com", "password": PASSWORD}, "username"),
        ({"username": ["ann"], "password": PASSWORD}, "username"),
        ({"username": "a\x00nn", "password": PASSWORD}, "username"),
        ({"email": "", "password": PASSWORD}, "email"),
        ({"username": "ann", "password": "x" * 2000}, "password"),
        ({"username": "ann", "password": PASSWORD, "otp": "1"}, "otp"),
    ],
)
def test_a_bad_body_names_its_field(post: Any, ann: User, body: dict, field: str) -> None:
    response = post("login/", body)
    assert response.status_code == 400
    assert field in response.json()["errors"]


def test_a_body_that_is_no_object_is_refused(post: Any, ann: User) -> None:
    assert post("login/", ["ann", PASSWORD]).status_code == 400


def test_spaces_are_part_of_a_password(post: Any, db: None) -> None:
    User.objects.create_user("ann", "ann@example.com", "  spaced out  ")
    assert post("login/", {"username": "ann", "password": "  spaced out  "}).status_code == 200
    assert post("login/", {"username": "ann", "password": "spaced out"}).status_code == 401


def test_guessing_is_slowed_down_for_each_address(client: Any, ann: User) -> None:
    allowed = int(api_settings.DEFAULT_THROTTLE_RATES["login"].split("/")[0])

    def guess(address: str) -> Any:
        body = {"username": "ann", "password": "wrong"}
        return client.post("/api/v1/auth/login", body, content_type="application/json", REMOTE_ADDR=address)

    assert {guess("192.0.2.1").status_code for _ in range(allowed)} == {401}
    refused = guess("192.0.2.1")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert guess("192.0.2.2").status_code == 401


def test_the_admins_form_counts_with_it(client: Any, ann: User) -> None:
    ann.is_staff = True
    ann.save()
    allowed = int(api_settings.DEFAULT_THROTTLE_RATES["login"].split("/")[0])
    body = {"username": "ann", "password": "wrong"}
    for number in range(allowed):
        path = "/admin/login/" if number % 2 else "/api/v1/auth/login/"
        client.post(path, body, REMOTE_ADDR="192.0.2.7")

    right = {"username": "ann", "password": PASSWORD}
    refused = client.post("/admin/login/", right, REMOTE_ADDR="192.0.2.7")
    assert "Too many attempts" in refused.content.decode()
    assert client.post("/admin/login/", right, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_a_stale_header_does_not_stand_in_the_way(post: Any, ann: User) -> None:
    response = post(
        "login/",
        {"username": "ann", "password": PASSWORD},
        **{"authorization": "Bearer old", "x-api-key": "old"},
    )
    assert response.status_code == 200
