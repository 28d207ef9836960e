"""Asks an OpenAI-compatible endpoint (Ollama, vLLM, llama.cpp, a cloud) for JSON of a given shape, or for
calls of tools.

The other side is not trusted: it gets a deadline and a size limit, is never followed to another address (the
key would go with it), and what it says is checked against the shape before anybody sees it.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import msgspec
from django.conf import settings

from core.exceptions import Unavailable

MAX_ANSWER_BYTES = 256 * 1024
_MAX_ANSWER_TOKENS = 1500
# Some models wrap their JSON in a Markdown fence, whatever they are told.
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?```\s*", re.DOTALL)

T = TypeVar("T")


class LanguageModelError(Unavailable):
    """There is no usable answer. `error_code` is llm_not_configured, llm_timeout, llm_unreachable,
    llm_refused, llm_answer_too_large or llm_answer_invalid.
    """

    code = "llm_unreachable"
    detail = "The language model could not be asked."


@dataclass(frozen=True)
class Tool:
    """Something the model may call. `parameters` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A call the model wants made. Neither the name nor the arguments have been checked against the tools."""

    name: str
    arguments: dict[str, Any]


class _Function(msgspec.Struct):
    name: str
    arguments: str = "{}"


class _Call(msgspec.Struct):
    function: _Function


class _Message(msgspec.Struct):
    content: str | None = None
    tool_calls: tuple[_Call, ...] | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: tuple[_Choice, ...]


def configured() -> bool:
    """Whether STUDIO_LLM_BASE_URL and STUDIO_LLM_MODEL name an endpoint."""
    return bool(settings.STUDIO_LLM_BASE_URL and settings.STUDIO_LLM_MODEL)


def ask(*, system: str, user: str, answer: type[T]) -> T:
    """What the model answers to `user` under the instructions `system`, as an `answer` (a msgspec Struct).

    Its schema goes with the request, and the answer is checked against it. Blocks for at most
    STUDIO_LLM_TIMEOUT seconds. Raises LanguageModelError.
    """
    return _understood(_said(_bodies(_plain(system, user), answer)).content or "", answer)


def call_tools(*, system: str, user: str, tools: Sequence[Tool]) -> list[ToolCall]:
    """The calls of `tools` with which the model answers `user`, in order; none where it answers in words.

    Blocks and raises as `ask` does.
    """
    offered = [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in tools
    ]
    body = {**_plain(system, user), "temperature": 0, "max_tokens": _MAX_ANSWER_TOKENS, "tools": offered}
    calls = _said([body]).tool_calls or ()
    return [
        ToolCall(call.function.name, _understood(call.function.arguments, dict[str, Any])) for call in calls
    ]


def _said(bodies: Iterable[dict[str, Any]]) -> _Message:
    """The model's message in answer to the first of `bodies` that its server takes."""
    if not configured():
        raise LanguageModelError(
            "No language model is configured. Set STUDIO_LLM_BASE_URL (such as http://127.0.0.1:11434/v1) "
            "and STUDIO_LLM_MODEL.",
            code="llm_not_configured",
        )
    try:
        said = asyncio.run(_completion(bodies))
    except TimeoutError:
        raise LanguageModelError(
            f"The language model did not answer within {settings.STUDIO_LLM_TIMEOUT:g} seconds "
            "(STUDIO_LLM_TIMEOUT).",
            code="llm_timeout",
        ) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise LanguageModelError(
            f"The language model cannot be reached at STUDIO_LLM_BASE_URL ({type(error).__name__})."
        ) from None
    try:
        return msgspec.json.decode(said, type=_Completion).choices[0].message
    except (msgspec.DecodeError, IndexError, UnicodeError, RecursionError):
        raise _unintelligible() from None


def _plain(system: str, user: str) -> dict[str, Any]:
    """The least that every server understands."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    return {"model": settings.STUDIO_LLM_MODEL, "messages": messages}


async def _completion(bodies: Iterable[dict[str, Any]]) -> bytes:
    """The body of the first answer with status 200. The deadline is for all of it, slow drips included."""
    async with asyncio.timeout(settings.STUDIO_LLM_TIMEOUT), httpx2.AsyncClient(timeout=None) as client:
        for body in bodies:
            async with client.stream(
                "POST", f"{settings.STUDIO_LLM_BASE_URL}/chat/completions", json=body, headers=_headers()
            ) as response:
                if response.status_code == httpx2.codes.OK:
                    return await _limited(response)
            if response.status_code not in {400, 422}:  # these two may mean that it knows no schemas
                break
    raise LanguageModelError(
        f"The language model's endpoint answered with status {response.status_code}.", code="llm_refused"
    )


def _bodies(plain: dict[str, Any], answer: type[Any]) -> Iterator[dict[str, Any]]:
    """The request as we want it, then as every server understands it."""
    yield {
        **plain,
        "temperature": 0,
        "max_tokens": _MAX_ANSWER_TOKENS,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": answer.__name__, "strict": True, "schema": _schema(answer)},
        },
    }
    yield plain


def _schema(answer: type[Any]) -> dict[str, Any]:
    """With the object itself at the root, where msgspec would put a reference: some servers insist on it."""
    _, components = msgspec.json.schema_components((answer,), ref_template="#/$defs/{name}")
    root = components.pop(answer.__name__)
    return {**root, "$defs": components} if components else root


def _headers() -> dict[str, str]:
    # Uncompressed, so that the size limit counts what will be in memory.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if settings.STUDIO_LLM_API_KEY:
        headers["Authorization"] = f"Bearer {settings.STUDIO_LLM_API_KEY}"
    return headers


async def _limited(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise LanguageModelError("The language model's answer is too large.", code="llm_answer_too_large")
    return bytes(body)


def _understood(content: str, answer: type[T]) -> T:
    try:
        fenced = _FENCED.fullmatch(content)
        return msgspec.json.decode(fenced.group(1) if fenced else content, type=answer)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise _unintelligible() from None


def _unintelligible() -> LanguageModelError:
    return LanguageModelError(
        "The language model's answer is not the JSON that was asked for.", code="llm_answer_invalid"
    )
