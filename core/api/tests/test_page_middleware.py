"""Sessions and CSRF are the admin's alone, security headers are everybody's; under ASGI as under WSGI."""

import re

import httpx2
import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.jobs.tests.studio import Studio

LOGIN = "/admin/login/?next=/admin/"
HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}


def token_in(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page
    return found[1]


@pytest.mark.django_db
def test_a_person_logs_in_with_a_token_and_stays_logged_in() -> None:
    User.objects.create_superuser("chief", "chief@example.com", "a-long-enough-one")
    client = Client(enforce_csrf_checks=True)
    form = {"username": "chief", "password": "a-long-enough-one"}

    without = client.post(LOGIN, form)
    token = token_in(client.get(LOGIN).text)
    entered = client.post(LOGIN, {**form, "csrfmiddlewaretoken": token})

    assert without.status_code == 403
    assert entered.status_code == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_the_admin_changes_nothing_without_a_token() -> None:
    chief = User.objects.create_superuser("chief", "chief@example.com", "a-long-enough-one")
    client = Client(enforce_csrf_checks=True)
    client.force_login(chief)

    assert client.post(f"/admin/auth/user/{chief.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=chief.pk).exists()


def test_a_running_server_keeps_the_two_apart(studio: Studio) -> None:
    with httpx2.Client(base_url=studio.url) as client:
        page = client.get(LOGIN)
        form = {"username": "nobody", "password": "x", "csrfmiddlewaretoken": token_in(page.text)}
        wrong = client.post(LOGIN, data=form)
        without = client.post(LOGIN, data={"username": "nobody", "password": "x"})
        api = client.get("/api/v1/models/")

    assert (page.status_code, wrong.status_code, without.status_code) == (200, 200, 403)
    assert "Set-Cookie" not in api.headers
    for answer in (page, api):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert api.headers["Content-Length"] == str(len(api.content))


def test_another_host_is_refused_everywhere(studio: Studio) -> None:
    with httpx2.Client(base_url=studio.url, headers={"Host": "evil.example"}) as client:
        assert client.get("/api/v1/models/").json()["code"]
        assert client.get("/api/v1/models/").status_code == 400
        assert client.get("/admin/login/").status_code == 400
