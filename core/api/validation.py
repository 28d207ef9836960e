"""DRF's nested error details, flattened into the `errors` of our one error shape."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

# Messages repeat what the client sent, and a list of a million bad items has a million errors.
LONGEST_MESSAGE = 300
MOST_MESSAGES = 100


def flatten(detail: Any) -> tuple[dict[str, list[str]], str, str]:
    """`(errors, sentence, code)` of an APIException's `detail`.

    `errors` names a nested field `loras[1].scale`; what concerns no field is under `non_field_errors`. The
    sentence is the first message with its field. The code is that of the errors where they share one, else
    `invalid`.
    """
    errors: dict[str, list[str]] = {}
    codes: set[str] = set()
    for count, (name, error) in enumerate(_leaves(detail, "")):
        if count == MOST_MESSAGES:
            break
        errors.setdefault(_shortened(name), []).append(_shortened(error))
        codes.add(error.code or "invalid")
    if not errors:
        return {}, "The request is not valid.", "invalid"
    name, messages = next(iter(errors.items()))
    sentence = messages[0] if _is_general(name) else f"{name}: {messages[0]}"
    return errors, sentence, codes.pop() if len(codes) == 1 else "invalid"


def _leaves(detail: Any, name: str) -> Iterator[tuple[str, ErrorDetail]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _leaves(value, _joined(name, key))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, value in enumerate(detail):
            # A list of messages belongs to one field; a list of objects is one object an item.
            yield from _leaves(value, name if isinstance(value, str) else _joined(name, index))
    else:
        yield name or api_settings.NON_FIELD_ERRORS_KEY, detail


def _joined(name: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{name}[{key}]"
    return f"{name}.{key}" if name else key


def _is_general(name: str) -> bool:
    return name == api_settings.NON_FIELD_ERRORS_KEY


def _shortened(message: str) -> str:
    return str(message) if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
