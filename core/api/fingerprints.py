"""What makes two requests the same: method, path and fields, whatever order or boundary they came in."""

import hashlib
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import ParseError
from rest_framework.request import Request


def fingerprint(request: Request) -> str:
    """64 hex digits, equal for requests that ask for the same thing.

    Keyed with SECRET_KEY (HMAC-SHA256): the stored value does not help to guess a field that was secret.
    Raises ParseError for a body that cannot be read.
    """
    facts = {
        "method": request.method,
        "path": request.path.rstrip("/"),
        "query": _fields(request.query_params),
        "data": _fields(request.data) if isinstance(request.data, QueryDict) else request.data,
    }
    try:
        canonical = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise ParseError("The JSON is nested too deeply.") from None
    return salted_hmac("core.api.fingerprints", canonical, algorithm="sha256").hexdigest()


def _fields(data: QueryDict) -> dict[str, list[Any]]:
    return {name: [_value(value) for value in values] for name, values in data.lists()}


def _value(value: "str | UploadedFile[Any]") -> str | dict[str, str]:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return {"sha256": digest.hexdigest()}
