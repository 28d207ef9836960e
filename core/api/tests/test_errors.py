"""Every failure has the same shape, whatever failed, whatever was asked for."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError
from rest_framework_simplejwt.tokens import AccessToken

from core import exceptions as studio
from core.api.errors import STATUS
from core.api.tests.shape import assert_error
from core.api.tests.urls import KINDS, PNG
from core.api.validation import flatten

pytestmark = [pytest.mark.urls("core.api.tests.urls"), pytest.mark.django_db]

ACCEPTS = ["application/json", "text/html", "image/png", "text/event-stream", "x/y", "*/*", ";;,q=", ""]
EXPECTED = {
    "InvalidInput": 400,
    "NotPermitted": 403,
    "LicenceNotAccepted": 403,
    "NotFound": 404,
    "WrongState": 409,
    "Cancelled": 409,
    "TooLarge": 413,
    "UnsupportedMedia": 415,
    "QuotaExceeded": 429,
    "NoEngine": 501,
    "Unavailable": 503,
    "QueueFull": 503,
    "Stopping": 503,
    "ModelMissing": 503,
    "InsufficientMemory": 503,
    "OperationFailed": 500,
    "StudioError": 500,
}


def test_every_studio_error_has_its_status(http: Client) -> None:
    assert set(KINDS) == set(EXPECTED)
    for name, status in EXPECTED.items():
        response = http.get(f"/api/v1/test/raise/{name}/")
        body = assert_error(response, status, KINDS[name].code)
        assert body["detail"] == "A reason."
        assert response["Retry-After"] == "7"


def test_the_table_names_only_studio_errors() -> None:
    assert all(issubclass(kind, studio.StudioError) for kind in STATUS)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("accept", ACCEPTS)
def test_failures_are_json_whatever_is_accepted(http: Client, settings, accept: str, debug: bool) -> None:
    settings.DEBUG = debug
    headers = {"Accept": accept}
    assert_error(http.get("/api/v1/no/such/thing", headers=headers), 404, "not_found")
    assert_error(http.post("/api/v1/no/such/thing", headers=headers), 404, "not_found")
    assert_error(http.get("/health/nothing", headers=headers), 404, "not_found")
    assert_error(http.delete("/api/v1/test/echo/", headers=headers), (405, 406)[accept in UNACCEPTABLE])
    wanted = 500 if accept in {"application/json", "image/png", "*/*"} else 406
    assert_error(http.get("/api/v1/test/raise/KeyError/", headers=headers), wanted)
    assert_error(http.get("/api/v1/test/plain/crash/", headers=headers), 500, "internal_error")


UNACCEPTABLE = {"text/html", "image/png", "text/event-stream", "x/y", ";;,q=", ""}


@pytest.mark.parametrize("debug", [True, False])
def test_plain_django_views_fail_in_shape_too(http: Client, settings, debug: bool) -> None:
    settings.DEBUG = debug
    for name, status, code in [
        ("denied", 403, "permission_denied"),
        ("bad", 400, "bad_request"),
        ("suspicious", 400, "bad_request"),
        ("crash", 500, "internal_error"),
    ]:
        assert_error(http.get(f"/api/v1/test/plain/{name}/"), status, code)
    response = http.get("/api/v1/test/plain/html/")
    assert_error(response, 418)
    assert response["X-Kept"] == "yes"


@pytest.mark.parametrize("debug", [True, False])
def test_failures_are_json_under_asgi(settings, debug: bool) -> None:
    settings.DEBUG = debug
    get = async_to_sync(AsyncClient(raise_request_exception=False).get)
    assert_error(get("/api/v1/no/such/thing"), 404, "not_found")
    assert_error(get("/api/v1/test/plain/crash/"), 500, "internal_error")
    assert_error(get("/api/v1/test/raise/KeyError/"), 500, "internal_error")


@pytest.mark.parametrize("debug", [True, False])
def test_a_host_that_is_not_ours(http: Client, settings, debug: bool) -> None:
    settings.DEBUG = debug
    settings.ALLOWED_HOSTS = ["studio.example"]
    assert_error(http.get("/api/v1/test/echo/", headers={"Host": "evil.example"}), 400, "bad_request")


def test_people_get_a_small_page_without_reasons(http: Client) -> None:
    for name, status in [("crash", 500), ("denied", 403), ("bad", 400)]:
        response = http.get(f"/elsewhere/{name}/")
        assert response.status_code == status
        assert response["Content-Type"].startswith("text/html")
        assert b"secret" not in response.content
    assert http.get("/nowhere/<script>").status_code == 404


def test_a_crash_is_logged_with_its_stack_trace(http: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert_error(http.get("/api/v1/test/raise/KeyError/"), 500, "internal_error")
    [crash] = [each.msg for each in caplog.records if isinstance(each.msg, dict) and "exc_info" in each.msg]
    assert isinstance(crash["exc_info"], KeyError)


def test_what_cannot_be_written_is_a_500(http: Client) -> None:
    assert_error(http.get("/api/v1/test/unwritable/"), 500, "internal_error")


def test_missing_and_wrong_credentials(http: Client) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        response = http.get("/api/v1/test/personal/", headers=headers)
        assert_error(response, 401)
        assert "Bearer" in response["WWW-Authenticate"]
    missing = assert_error(http.get("/api/v1/test/personal/"), 401, "not_authenticated")
    assert missing["detail"] == "Send `Authorization: Bearer <token or API key>` or `X-API-Key: <API key>`."


def test_an_own_request_is_answered(http: Client) -> None:
    user = User.objects.create_user("ann")
    token = AccessToken.for_user(user)
    response = http.get("/api/v1/test/personal/", headers={"Authorization": f"Bearer {token}"})
    assert response.json() == {"owner": f"user:{user.pk}"}


def test_other_errors_of_drf(http: Client) -> None:
    body = assert_error(http.delete("/api/v1/test/echo/"), 405, "method_not_allowed")
    assert "DELETE" in body["detail"]
    assert http.delete("/api/v1/test/echo/")["Allow"] == "POST, OPTIONS"
    response = http.get("/api/v1/test/picture/", headers={"Accept": "text/html"})
    body = assert_error(response, 406, "not_acceptable")
    assert body["detail"] == "This call answers in: application/json, image/png, image/jpeg, image/webp."
    response = http.post("/api/v1/test/echo/", "a,b", content_type="text/csv")
    body = assert_error(response, 415, "unsupported_media_type")
    assert body["detail"] == "Send application/json or multipart/form-data."
    assert_error(http.get("/api/v1/test/raise/PermissionDenied/"), 403, "permission_denied")


def test_a_picture_is_its_bytes_where_that_is_accepted(http: Client) -> None:
    response = http.get("/api/v1/test/picture/", headers={"Accept": "image/png"})
    assert (response.content, response["Content-Type"]) == (PNG, "image/png")
    assert http.get("/api/v1/test/picture/").json() == {"image": "aGk="}
    for accept in ("image/*", "image/webp,*/*;q=0.8"):
        response = http.get("/api/v1/test/picture/", headers={"Accept": accept})
        assert response["Content-Type"].startswith("image/")


def test_an_event_stream_may_be_asked_for_as_such(http: Client) -> None:
    for accept in ("text/event-stream", "*/*"):
        response = http.get("/api/v1/test/stream/", headers={"Accept": accept})
        assert response["Content-Type"] == "text/event-stream"
        assert b"".join(response.streaming_content) == b"data: 1\n\n"


def test_throttled_callers_learn_when_to_come_back(http: Client, settings) -> None:
    rates = {"requests": "2/minute", "login": "20/minute"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    address = {"REMOTE_ADDR": "192.0.2.77"}
    statuses = [http.get("/api/v1/test/picture/", **address).status_code for _ in range(2)]
    assert statuses == [200, 200]
    response = http.get("/api/v1/test/picture/", **address)
    assert_error(response, 429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert http.get("/api/v1/test/picture/", REMOTE_ADDR="192.0.2.78").status_code == 200


def test_nested_fields_are_named(http: Client) -> None:
    body = {"things": [{}, {"number": "x", "count": True}], "numbers": [1, "y"]}
    response = http.post("/api/v1/test/nested/", body, content_type="application/json")
    error = assert_error(response, 400, "invalid")
    assert set(error["errors"]) == {"things[1].number", "things[1].count", "numbers[1]"}
    assert error["detail"] == "things[1].number: A valid number is required."


def test_a_single_error_lends_its_code(http: Client) -> None:
    response = http.post("/api/v1/test/nested/", {}, content_type="application/json")
    assert assert_error(response, 400, "required")["errors"] == {"things": ["This field is required."]}


def test_messages_do_not_repeat_megabytes(http: Client) -> None:
    body = {"things": [{"number": "x" * 900, "switch": "y" * 10_000}] * 2000}
    response = http.post("/api/v1/test/nested/", body, content_type="application/json")
    assert_error(response, 400)
    assert len(response.content) < 50_000


def test_unknown_fields_are_refused_by_name(http: Client) -> None:
    body = {"nubmer": 1, "number": 2, "x" * 100_000: 3}
    response = http.post("/api/v1/test/echo/", body, content_type="application/json")
    error = assert_error(response, 400)
    assert error["errors"]["nubmer"] == ["There is no such field here. Did you mean number?"]
    assert "Known are: count, number, size, switch, text." in error["errors"]["x" * 300 + "…"][0]
    assert "number" not in error["errors"]
    assert len(response.content) < 2000
    assert_error(http.post("/api/v1/test/echo/", {"nubmer": "1"}), 400)


details = st.recursive(
    st.text(min_size=1, max_size=20) | st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=3),
    lambda inner: (
        st.dictionaries(st.text(min_size=1, max_size=8), inner, min_size=1, max_size=3)
        | st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=20,
)


@settings(max_examples=50)
@given(details)
def test_any_validation_error_becomes_field_to_messages(detail: object) -> None:
    errors, sentence, code = flatten(ValidationError(detail, code="some_code").detail)
    assert code == "some_code"
    assert sentence
    assert json.loads(json.dumps(errors)) == errors
    assert all(isinstance(message, str) for messages in errors.values() for message in messages)
    assert sum(map(len, errors.values())) == len(list(_texts(detail)))


def _texts(detail: object):
    if isinstance(detail, str):
        yield detail
    else:
        for inner in detail.values() if isinstance(detail, dict) else detail:
            yield from _texts(inner)
