"""What a request may carry, and how everything else is refused."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.routing import get_default_application
from django.core.asgi import get_asgi_application
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from core.api.body_limit import BodyLimit
from core.api.content_types import ReadableContentType
from core.api.tests.shape import assert_error

pytestmark = [pytest.mark.urls("core.api.tests.urls"), pytest.mark.django_db]

URL = "/api/v1/test/echo/"


def post(http: Client, body: bytes | str, content_type: str = "application/json") -> Any:
    return http.post(URL, body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"number": NaN}',
        b'{"number": Infinity}',
        b'{"number": -Infinity}',
        b'{"number": 1e999}',
        b'{"text": "\\ud800"}',
        b'{"text": "\xff"}',
        b'\xef\xbb\xbf{"text": "bom"}',
        '{"text": "utf-16"}'.encode("utf-16"),
        b'{"number": 1, "number": 2}',
        b'{"text": {"a": 1, "a": 2}}',
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 990 + b"1" + b"}" * 990,
        b"   ",
    ],
)
def test_what_is_not_json(http: Client, body: bytes) -> None:
    if body.startswith(b'{"a":{'):  # deep, but valid
        assert post(http, body).status_code in {200, 400}
    else:
        assert_error(post(http, body), 400, "parse_error")


@pytest.mark.parametrize("body", ["[]", "[1]", '"text"', "1", "null", "true"])
def test_a_body_is_an_object(http: Client, body: str) -> None:
    assert "object" in assert_error(post(http, body), 400, "parse_error")["detail"]


@pytest.mark.parametrize("charset", ["utf-16", "bz2_codec", "no-such-charset", "utf-7"])
def test_json_is_utf8_whatever_charset_is_claimed(http: Client, charset: str) -> None:
    content_type = f"application/json; charset={charset}"
    response = http.generic("POST", URL, b'{"text": "h\xc3\xa9"}', content_type=content_type)
    assert response.json()["text"] == "hé"


@pytest.mark.parametrize("charset", ["utf-16", "no-such-charset", "utf-7", "punycode", "idna"])
def test_so_are_forms(http: Client, charset: str) -> None:
    """Python's decoder of punycode is quadratic: 32 MB of it would take hours."""
    urlencoded = f"application/x-www-form-urlencoded; charset={charset}"
    answer = http.generic("POST", URL, b"text=h%C3%A9%2B2AA-", content_type=urlencoded)
    assert answer.json()["text"] == "hé+2AA-"
    multipart = f"multipart/form-data; boundary=b; charset={charset}"
    body = '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhé+2AA-\r\n--b--\r\n'
    assert http.generic("POST", URL, body.encode(), content_type=multipart).json()["text"] == "hé+2AA-"


@pytest.mark.parametrize("broken", [b"a/b; charset*=bogus''x", b"a/b; a*=x; a*0=y", b"a/b; c*=x'y"])
def test_a_content_type_that_cannot_be_read_is_one_that_nothing_takes(broken: bytes) -> None:
    application = ReadableContentType(get_asgi_application())
    status, body = _ask(application, [(b"content-length", b"3000")], content_type=broken, ends=True)
    assert (status, body["code"]) == (415, "unsupported_media_type")


def test_other_content_types(http: Client) -> None:
    for content_type in ("text/plain", "application/xml", "x", "application/octet-stream"):
        assert_error(post(http, b"{}", content_type), 415, "unsupported_media_type")


def test_json_that_was_sent_as_a_form_is_told_so(http: Client) -> None:
    """What curl makes of `-d` without a header."""
    for body in ('{"text": "a cat & a dog = friends"}', ' {"text": "a cat"}'):
        error = assert_error(post(http, body, "application/x-www-form-urlencoded"), 400, "parse_error")
        assert "-H 'Content-Type: application/json'" in error["detail"]


def test_broken_multipart(http: Client) -> None:
    assert_error(post(http, b"x", "multipart/form-data"), 400, "parse_error")
    assert_error(post(http, b"x", "multipart/form-data; boundary="), 400, "parse_error")
    assert_error(post(http, b"x" * 99, 'multipart/form-data; boundary="\xe9"'), 400, "parse_error")
    form = "--b\r\nContent-Disposition: form-data; name=text\r\n\r\nhello"
    assert post(http, form, "multipart/form-data; boundary=b").status_code in {200, 400}


def test_too_many_fields(http: Client) -> None:
    body = "&".join(f"f{i}=1" for i in range(1500))
    assert_error(post(http, body, "application/x-www-form-urlencoded"), 400, "too_many_fields")
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="f{i}"\r\n\r\n1\r\n' for i in range(1500))
    assert_error(post(http, f"{parts}--b--", "multipart/form-data; boundary=b"), 400, "too_many_fields")


@settings(max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: json.dumps({"text": text}).encode())
)
def test_no_body_is_ever_a_server_error(body: bytes) -> None:
    response = post(Client(), body)
    assert response.status_code in {200, 400}


# ------------------------------------------------------------------------------------------------ fields


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"switch": True}),
        ({"number": "1.5", "count": "-1", "switch": "false"}, {"number": 1.5, "count": -1, "switch": False}),
        ({"number": " 2 ", "count": "7", "switch": "on"}, {"number": 2.0, "count": 7, "switch": True}),
        ({"text": "a\tb\nc"}, {"text": "a\tb\nc", "switch": True}),
    ],
)
def test_forms_say_numbers_and_switches_in_words(http: Client, fields: Any, expected: Any) -> None:
    assert http.post(URL, fields).json() == expected | {"switch": expected["switch"]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"number": 3, "count": 2.0}, {"number": 3.0, "count": 2}),
        ({"number": "3", "count": "12"}, {"number": 3.0, "count": 12}),
        ({"count": 2**63 - 1}, {"count": 2**63 - 1}),
    ],
)
def test_numbers_in_json(http: Client, fields: Any, expected: Any) -> None:
    assert post(http, json.dumps(fields)).json() == expected | {"switch": True}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", True),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1_0"),
        ("number", "1e999"),
        ("number", "\uff11"),
        ("number", [1]),
        ("number", {}),
        ("number", 21),
        ("number", "9" * 5000),
        ("count", True),
        ("count", 1.5),
        ("count", "1_0"),
        ("count", "1.5"),
        ("count", "9" * 5000),
        ("count", 10**30),
        ("count", 2**63),
        ("count", "0x10"),
        ("count", None),
        ("switch", 1),
        ("switch", "maybe"),
        ("switch", None),
        ("switch", []),
        ("text", 5),
        ("text", True),
        ("text", ["a"]),
        ("text", "nul \x00"),
        ("text", "escape \x1b[2J"),
        ("text", "not xml \uffff"),
        ("text", "x" * 2001),
        ("size", "Small"),
        ("size", 1),
        ("size", {}),
    ],
)
def test_values_that_are_refused(http: Client, field: str, value: Any) -> None:
    error = assert_error(post(http, json.dumps({field: value})), 400)
    assert list(error["errors"]) == [field]
    if isinstance(value, str):
        assert list(assert_error(http.post(URL, {field: value}), 400)["errors"]) == [field]


def test_a_wrong_choice_is_told_the_right_ones(http: Client) -> None:
    error = assert_error(http.post(URL, {"size": "huge"}), 400, "invalid_choice")
    assert error["errors"] == {"size": ['"huge" is not one of: small, large.']}


# ------------------------------------------------------------------------------------------------ size


def test_an_announced_body_that_is_too_large(http: Client, settings: Any) -> None:
    settings.STUDIO_MAX_BODY_BYTES = 1000
    assert post(http, json.dumps({"text": "x" * 900})).status_code == 200
    error = assert_error(post(http, json.dumps({"text": "x" * 1000})), 413, "too_large")
    assert "1000" in error["detail"]
    assert http.post("/admin/login/", {"x": "y" * 1000}).status_code == 413


def test_a_refusal_can_be_read_by_browsers(http: Client, settings: Any) -> None:
    settings.STUDIO_MAX_BODY_BYTES = 10
    settings.CORS_ALLOWED_ORIGINS = ["https://studio.example"]
    response = http.post(URL, {"text": "x" * 100}, headers={"Origin": "https://studio.example"})
    assert_error(response, 413)
    assert response["Access-Control-Allow-Origin"] == "https://studio.example"
    assert "X-Request-Id" in response["Access-Control-Expose-Headers"]


def test_preflight_allows_our_headers(http: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://studio.example"]
    wanted = "authorization,x-api-key,idempotency-key,last-event-id,x-request-id"
    headers = {
        "Origin": "https://studio.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": wanted,
    }
    allowed = http.options(URL, headers=headers)["Access-Control-Allow-Headers"]
    assert set(wanted.split(",")) <= {name.strip() for name in allowed.split(",")}


def test_chunked_and_nonsense_lengths(http: Client) -> None:
    assert_error(http.post(URL, {}, headers={"Transfer-Encoding": "chunked"}), 411, "length_required")
    for length in ("-1", "1,1", "0x10", "one", "9" * 40):
        response = http.generic("POST", URL, b"{}", content_type="application/json", CONTENT_LENGTH=length)
        assert_error(response, 400, "bad_content_length")


def _ask(
    application: Any,
    headers: list[tuple[bytes, bytes]],
    content_type: bytes = b"application/json",
    ends: bool = False,
) -> tuple[int, dict[str, Any]]:
    """The status and the body of the answer to a POST whose own body never ends, or does."""

    async def ask() -> tuple[int, dict[str, Any]]:
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": URL,
            "query_string": b"",
            "scheme": "http",
            "client": ("192.0.2.1", 1234),
            "server": ("localhost", 8000),
            "headers": [(b"host", b"localhost"), (b"content-type", content_type), *headers],
        }
        communicator = ApplicationCommunicator(application, scope)
        for _ in range(3):
            await communicator.send_input({"type": "http.request", "body": b"x" * 1000, "more_body": True})
        if ends:
            await communicator.send_input({"type": "http.request", "body": b"", "more_body": False})
        start = await communicator.receive_output(5)
        body = b""
        more = True
        while more:
            part = await communicator.receive_output(5)
            body += part.get("body", b"")
            more = part.get("more_body", False)
        await communicator.send_input({"type": "http.disconnect"})
        await communicator.wait(5)
        return start["status"], json.loads(body)

    return async_to_sync(ask)()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([(b"content-length", b"99999999999")], 413, "too_large"),
        ([(b"transfer-encoding", b"chunked")], 411, "length_required"),
        ([(b"content-length", b"5"), (b"content-length", b"6")], 400, "bad_content_length"),
    ],
)
def test_under_asgi_a_refused_body_is_not_waited_for(headers: Any, status: int, code: str) -> None:
    answered, body = _ask(BodyLimit(get_asgi_application()), headers)
    assert (answered, body["code"]) == (status, code)
    assert body["request_id"]


def test_the_server_wears_the_limit() -> None:
    assert isinstance(get_default_application().application_mapping["http"], BodyLimit)
