from typing import Any

import pytest
from django.contrib.auth.models import User

from core.accounts.tests.conftest import PASSWORD

NEW = {"username": "cleo", "email": "cleo@example.com", "password": PASSWORD}


@pytest.fixture
def is_open(settings: Any) -> None:
    settings.STUDIO_OPEN_REGISTRATION = True


def test_registration_is_closed_unless_it_is_opened(post: Any, db: None) -> None:
    response = post("register/", NEW)
    assert response.status_code == 403
    assert response.json()["code"] == "registration_closed"
    assert "closed" in response.json()["detail"]
    assert not User.objects.exists()


def test_a_new_user_can_log_in_and_is_no_staff(post: Any, db: None, is_open: None) -> None:
    response = post("register/", NEW)
    assert response.status_code == 201
    body = response.json()
    assert body.pop("id") == User.objects.get().pk
    assert body == {"username": "cleo", "email": "cleo@example.com", "is_staff": False}
    assert post("login/", {"email": "CLEO@example.com", "password": PASSWORD}).status_code == 200


def test_without_a_name_the_address_is_the_name(post: Any, db: None, is_open: None) -> None:
    response = post("register/", {"email": "Cleo@Example.com", "password": PASSWORD})
    assert response.json()["username"] == "cleo@example.com"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "12345678901"}, "password"),
        ({"password": "cleo@example.com"}, "password"),
        ({"password": "short"}, "password"),
        ({"password": ""}, "password"),
        ({"email": "no address"}, "email"),
        ({"email": "ANN@example.com"}, "email"),
        ({"username": "ANN"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": "\uff41\uff4e\uff4e"}, "username"),  # full-width letters that normalise to ann
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_what_is_taken_weak_or_malformed_names_its_field(
    post: Any, ann: User, is_open: None, change: dict[str, Any], field: str
) -> None:
    response = post("register/", {**NEW, **change})
    assert response.status_code == 400, response.content
    assert field in response.json()["errors"]
    assert User.objects.count() == 1
