"""Every request can be found again in the log, and nothing that is nobody's business is there."""

import io
import json
import logging
import logging.config
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import AsyncClient, Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework_simplejwt.tokens import AccessToken

from core.observability import health
from core.observability.logs import escape_control_characters, logging_config

pytestmark = [pytest.mark.urls("core.api.tests.urls"), pytest.mark.django_db]

URL = "/api/v1/test/echo/"


class Log:
    """What a server with STUDIO_LOG_FORMAT=json writes, line by line."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def access(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == "studio.access"]


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    config = logging_config(level="INFO", style="json")
    formatter = logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["line"])
    handler = logging.StreamHandler(log.stream)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    yield log
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def http() -> Client:
    return Client(raise_request_exception=False)


# -------------------------------------------------------------------------------------------- request ids


@pytest.mark.parametrize("given_id", ["abc", "A-1_2.z", "x" * 128])
def test_a_sane_id_is_kept(http: Client, given_id: str) -> None:
    for url in ("/health", "/api/v1/nothing", "/static/nothing"):
        assert http.get(url, headers={"X-Request-Id": given_id})["X-Request-Id"] == given_id


@pytest.mark.parametrize("given_id", ["", "x" * 129, "a b", "a\nb", "<script>", "é", "a\n", "\uff11"])
def test_any_other_id_is_replaced(http: Client, given_id: str) -> None:
    ids = {http.get("/health", headers={"X-Request-Id": given_id})["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", request_id) for request_id in ids)


def test_an_id_is_on_crashes_and_refusals(http: Client, settings: Any) -> None:
    settings.STUDIO_MAX_BODY_BYTES = 10
    for response in (
        http.get("/api/v1/test/raise/KeyError/", headers={"X-Request-Id": "mine"}),
        http.get("/api/v1/test/plain/crash/", headers={"X-Request-Id": "mine"}),
        http.post(URL, {"text": "x" * 99}, headers={"X-Request-Id": "mine"}),
        async_to_sync(AsyncClient().get)("/api/v1/nothing", headers={"X-Request-Id": "mine"}),
    ):
        assert response["X-Request-Id"] == "mine"
        assert response.json()["request_id"] == "mine"


# -------------------------------------------------------------------------------------------- the log


def test_one_line_a_request_without_its_query(http: Client, log: Log) -> None:
    http.get(
        "/health/live/?ticket=s3cret", headers={"X-Request-Id": "mine", "Authorization": "Bearer s3cret"}
    )
    [line] = log.access
    assert line.pop("timestamp")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "studio.access",
        "method": "GET",
        "path": "/health/live/",
        "request_id": "mine",
        "status": 200,
    }
    assert "s3cret" not in log.stream.getvalue()


def test_the_line_under_asgi_names_the_owner(log: Log) -> None:
    user = User.objects.create_user("ann")
    headers = {"Authorization": f"Bearer {AccessToken.for_user(user)}", "X-Request-Id": "mine"}
    async_to_sync(AsyncClient().get)("/api/v1/test/personal/", headers=headers)
    [line] = log.access
    assert (line["owner"], line["status"], line["request_id"]) == (f"user:{user.pk}", 200, "mine")
    assert str(headers["Authorization"]) not in log.stream.getvalue()


def test_a_crash_has_the_id_and_one_stack_trace(http: Client, log: Log) -> None:
    for name in ("raise/KeyError", "plain/crash"):
        http.get(f"/api/v1/test/{name}/", headers={"X-Request-Id": f"id-{name[:5]}"})
        lines = [line for line in log.lines if line["request_id"] == f"id-{name[:5]}"]
        assert [line["level"] for line in lines] == ["error", "error"]
        assert sum("Traceback" in line.get("exception", "") for line in lines) == 1


def test_ids_do_not_leak_into_the_next_request(http: Client, log: Log) -> None:
    http.get("/health", headers={"X-Request-Id": "first"})
    http.get("/health")
    assert log.access[1]["request_id"] != "first"


def test_no_line_can_be_forged(http: Client, log: Log) -> None:
    http.get("/api/v1/a%0aFAKE%20line%1b[2J")
    [line] = log.access
    assert line["path"] == "/api/v1/a%0AFAKE%20line%1B%5B2J"


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_values_stay_on_their_line(event: dict[str, str]) -> None:
    event = {key: value for key, value in event.items() if key not in {"exception", "stack"}}
    escaped = escape_control_characters(None, "info", dict(event))
    assert set(escaped) == set(event)
    for key, value in event.items():
        assert escaped[key].isprintable()
        if value.isprintable():
            assert escaped[key] == value


def test_console_lines_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    config = logging_config(level="INFO", style="console")
    formatter = logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["line"])
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.getLogger("test.console")
    logger.addHandler(handler)
    logger.warning("from %s", "the client\n2026-01-01 [info] all is well")
    structlog.get_logger("test.console").warning("of ours", value="a\nb")
    logger.removeHandler(handler)
    assert len(stream.getvalue().splitlines()) == 2


# -------------------------------------------------------------------------------------------- health


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", dict(health._checks))


@pytest.mark.parametrize("slash", ["", "/"])
def test_alive(http: Client, slash: str) -> None:
    for url in ("/health", "/health/live"):
        response = http.get(url + slash)
        assert (response.status_code, response.json()) == (200, {"status": "OK"})


def test_health_asks_for_nothing(http: Client, settings: Any) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    rates = {"requests": "1/hour", "login": "20/minute"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"X-API-Key": "nonsense"}):
        for _ in range(2):
            assert http.get("/health", headers=headers).status_code == 200


@pytest.mark.usefixtures("part")
def test_ready_shows_every_part(http: Client) -> None:
    health._checks.clear()
    from core.observability.database import check_database

    health.register("database", check_database)
    health.register("worker", lambda: health.Health(ok=True, detail="One worker is up."))
    body = http.get("/health/ready/").json()
    assert body["status"] == "ready"
    assert body["checks"]["worker"] == {"ok": True, "detail": "One worker is up."}
    assert body["checks"]["database"]["ok"] is True


@pytest.mark.usefixtures("part")
def test_one_part_down_is_503(http: Client, log: Log) -> None:
    def broken() -> health.Health:
        raise RuntimeError("secret address")

    health.register("worker", lambda: health.Health(ok=False, detail="No worker answers."))
    health.register("link", broken)
    response = http.get("/health/ready/")
    body = response.json()
    assert response.status_code == 503
    assert (body["status"], body["code"]) == ("not_ready", "not_ready")
    assert "worker: No worker answers." in body["detail"]
    assert body["request_id"] == response["X-Request-Id"]
    assert body["checks"]["database"]["ok"] is True
    assert body["checks"]["link"]["ok"] is False
    assert "secret" not in response.content.decode()
    assert any("secret address" in line.get("exception", "") for line in log.lines)


def test_a_database_that_does_not_answer(http: Client) -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("could not connect to db.internal:5432")

    with connection.execute_wrapper(refuse):
        response = http.get("/health/ready/")
    assert response.status_code == 503
    assert response.json()["checks"]["database"]["ok"] is False
    assert "db.internal" not in response.content.decode()
