"""An answer of the right shape, or an error that says why: whatever the other side does."""

import contextlib
import json
import logging
import time
from http.server import BaseHTTPRequestHandler
from typing import Annotated, Any

import msgspec
import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.llm.client import MAX_ANSWER_BYTES
from core.llm.tests.llm_server import Behaviour, answers, says, serving

KEY = "sk-very-secret"


class Pet(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(max_length=20)]
    legs: int


@pytest.fixture(autouse=True)
def _settings(settings: Settings) -> None:
    settings.STUDIO_LLM_MODEL = "tiny"
    settings.STUDIO_LLM_API_KEY = KEY
    settings.STUDIO_LLM_TIMEOUT = 5.0


def ask(settings: Settings, behave: Behaviour) -> Pet:
    with serving(behave) as server:
        settings.STUDIO_LLM_BASE_URL = server.url
        return llm.ask(system="You name pets.", user="A cat.", answer=Pet)


def test_the_question_carries_model_key_and_schema(settings: Settings) -> None:
    with serving(says('{"name": "Tom", "legs": 4}')) as server:
        settings.STUDIO_LLM_BASE_URL = server.url
        pet = llm.ask(system="You name pets.", user="A cat.", answer=Pet)

    assert pet == Pet("Tom", 4)
    asked = server.asked[0]
    assert (asked["model"], asked["temperature"]) == ("tiny", 0)
    assert [message["content"] for message in asked["messages"]] == ["You name pets.", "A cat."]
    schema = asked["response_format"]["json_schema"]["schema"]
    assert schema["properties"].keys() == {"name", "legs"}
    assert schema["additionalProperties"] is False
    assert server.headers["Authorization"] == f"Bearer {KEY}"


def test_json_in_a_fence_is_json(settings: Settings) -> None:
    assert ask(settings, says('```json\n{"name": "Tom", "legs": 4}\n```')) == Pet("Tom", 4)


def test_a_server_that_knows_no_schemas_is_asked_again_without(settings: Settings) -> None:
    def behave(handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
        known = "response_format" not in asked and "temperature" not in asked
        (says('{"name": "Tom", "legs": 4}') if known else answers({"error": "?"}, 400))(handler, asked)

    assert ask(settings, behave) == Pet("Tom", 4)


NESTED = '{"name": ' + "[" * 100_000


@pytest.mark.parametrize(
    "behave",
    [
        says("Sure! Here is your pet: Tom."),
        says(""),
        says('{"name": "Tom"}'),
        says('{"name": "Tom", "legs": "4"}'),
        says('{"name": "Tom", "legs": 4, "run": "rm -rf /"}'),
        says('{"name": null, "legs": 4}'),
        says('[{"name": "Tom", "legs": 4}]'),
        says(json.dumps({"name": "Tom" * 20, "legs": 4})),
        says(NESTED),
        answers({"choices": []}),
        answers({"choices": [{"message": {"content": None}}]}),
        answers({"choices": "none"}),
        answers([]),
        answers(b"\xff\xfe not json"),
        answers(b""),
        answers(NESTED.encode()),
    ],
)
def test_an_answer_of_another_shape_is_none(settings: Settings, behave: Behaviour) -> None:
    with pytest.raises(llm.LanguageModelError) as caught:
        ask(settings, behave)

    assert caught.value.error_code == "llm_answer_invalid"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(settings: Settings, status: int) -> None:
    with serving(says('{"name": "Mallory", "legs": 4}')) as elsewhere:
        to = {"Location": f"{elsewhere.url}/chat/completions"}
        with pytest.raises(llm.LanguageModelError) as caught:
            ask(settings, answers(b"", status, to))

    assert caught.value.error_code == "llm_refused"
    assert elsewhere.asked == []


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500, 503])
def test_a_refusal_says_its_status(settings: Settings, status: int) -> None:
    with pytest.raises(llm.LanguageModelError, match=str(status)) as caught:
        ask(settings, answers({"error": {"message": KEY}}, status))

    assert caught.value.error_code == "llm_refused"
    assert KEY not in str(caught.value)


def test_a_huge_answer_is_cut_off(settings: Settings) -> None:
    sent = 0

    def pour(handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while True:
            sent += handler.wfile.write(b" " * 65536)

    with pytest.raises(llm.LanguageModelError) as caught:
        ask(settings, pour)

    assert caught.value.error_code == "llm_answer_too_large"
    assert sent < 100 * MAX_ANSWER_BYTES


def silent(handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
    time.sleep(1.5)


def dripping(handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("behave", [silent, dripping])
def test_the_deadline_is_for_the_whole_answer(settings: Settings, behave: Behaviour) -> None:
    settings.STUDIO_LLM_TIMEOUT = 0.3
    with serving(behave) as server:
        settings.STUDIO_LLM_BASE_URL = server.url
        started = time.monotonic()
        with pytest.raises(llm.LanguageModelError, match="STUDIO_LLM_TIMEOUT") as caught:
            llm.ask(system="", user="", answer=Pet)
        taken = time.monotonic() - started

    assert caught.value.error_code == "llm_timeout"
    assert taken < 1.2


def hangs_up(handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
    handler.connection.close()


def test_a_connection_that_breaks_is_unreachable(settings: Settings) -> None:
    with pytest.raises(llm.LanguageModelError) as caught:
        ask(settings, hangs_up)
    assert caught.value.error_code == "llm_unreachable"

    settings.STUDIO_LLM_BASE_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(llm.LanguageModelError) as caught:
        llm.ask(system="", user="", answer=Pet)
    assert caught.value.error_code == "llm_unreachable"


def test_without_settings_it_says_what_to_set(settings: Settings) -> None:
    settings.STUDIO_LLM_BASE_URL = ""

    assert not llm.configured()
    with pytest.raises(llm.LanguageModelError, match="STUDIO_LLM_BASE_URL"):
        llm.ask(system="", user="", answer=Pet)


@pytest.mark.parametrize(
    "behave", [says('{"name": "Tom", "legs": 4}'), says("no"), answers({}, 500), hangs_up]
)
def test_the_key_is_in_no_log(
    settings: Settings, caplog: pytest.LogCaptureFixture, behave: Behaviour
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx2").setLevel(logging.DEBUG)
    with contextlib.suppress(llm.LanguageModelError):
        ask(settings, behave)
    logging.getLogger("httpx2").setLevel(logging.WARNING)

    assert KEY not in caplog.text


def test_tools_are_offered_and_their_calls_come_back_in_order(settings: Settings) -> None:
    tool = llm.Tool("feed", "Feed a pet.", {"type": "object", "properties": {"food": {"type": "string"}}})
    made = [{"function": {"name": "feed", "arguments": f'{{"food": "{food}"}}'}} for food in ("milk", "fish")]
    with serving(answers({"choices": [{"message": {"content": None, "tool_calls": made}}]})) as server:
        settings.STUDIO_LLM_BASE_URL = server.url
        calls = llm.call_tools(system="You feed pets.", user="Milk, then fish.", tools=[tool])

    assert calls == [llm.ToolCall("feed", {"food": "milk"}), llm.ToolCall("feed", {"food": "fish"})]
    assert server.asked[0]["tools"] == [
        {
            "type": "function",
            "function": {"name": "feed", "description": "Feed a pet.", "parameters": tool.parameters},
        }
    ]


def test_words_are_no_calls_and_broken_calls_are_an_error(settings: Settings) -> None:
    def call(behave: Behaviour) -> list[llm.ToolCall]:
        with serving(behave) as server:
            settings.STUDIO_LLM_BASE_URL = server.url
            return llm.call_tools(system="", user="", tools=[])

    broken = {"function": {"name": "feed", "arguments": "[1, 2]"}}
    assert call(says("Hello.")) == []
    with pytest.raises(llm.LanguageModelError) as raised:
        call(answers({"choices": [{"message": {"tool_calls": [broken]}}]}))
    assert raised.value.error_code == "llm_answer_invalid"
