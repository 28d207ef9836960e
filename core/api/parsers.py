"""JSON bodies, read strictly."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JSONParser(BaseParser):
    """A JSON object in UTF-8, as a dict.

    Raises ParseError for anything else: NaN and infinities, numbers too large for a float, lone surrogates, a
    name used twice in one object, arrays and bare values.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read()
        try:
            data = orjson.loads(body)
            # orjson keeps the last of two values with one name; nobody knows which one the client meant.
            json.loads(body, object_pairs_hook=_refuse_repeated_names)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from None
        if not isinstance(data, dict):
            raise ParseError("The body must be a JSON object.")
        return data


def _refuse_repeated_names(pairs: list[tuple[str, Any]]) -> None:
    names = set()
    for name, _ in pairs:
        if name in names:
            _fail(name)
        names.add(name)


def _fail(name: str) -> NoReturn:
    raise ValueError(f"the name {name[:50]!r} occurs twice in one object")
