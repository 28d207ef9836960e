import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

pytestmark = pytest.mark.django_db


def seed(**options: Any) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, no_color=True, **options)
    return out.getvalue()


def test_the_printed_secrets_work_and_are_printed_once(client: Client, post: Any) -> None:
    said = seed()
    passwords = dict(re.findall(r"^(\S+@\S+): password (\S+)$", said, re.MULTILINE))
    assert len(passwords) == len(set(passwords.values())) == 3
    for email, password in passwords.items():
        assert post("login/", {"email": email, "password": password}).status_code == 200
    key = re.search(r"studio_\S+", said)
    assert key
    me = client.get("/api/v1/auth/me/", headers={"x-api-key": key[0]}).json()
    assert (me["username"], me["scopes"]) == ("alice", ["generate", "read"])
    assert set(User.objects.filter(is_staff=True).values_list("username", flat=True)) == {"admin"}

    before = list(User.objects.values())
    again = seed(password="something-else")
    assert "studio_" not in again
    assert "password" not in again
    after = list(User.objects.values())
    assert [(row["id"], row["password"]) for row in after] == [(row["id"], row["password"]) for row in before]


def test_one_password_for_all_is_possible_on_this_machine_only(settings: Any, post: Any) -> None:
    settings.STUDIO_HOST = "0.0.0.0"
    with pytest.raises(CommandError, match="--password"):
        seed(password="demo-demo-demo")
    assert not User.objects.exists()
    settings.STUDIO_HOST = "127.0.0.1"
    seed(password="demo-demo-demo")
    assert post("login/", {"username": "bob", "password": "demo-demo-demo"}).status_code == 200
