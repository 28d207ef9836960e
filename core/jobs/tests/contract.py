"""What the server answers in any test is held to what docs/openapi.yaml says it answers."""

import re
from functools import cache
from typing import Any

import httpx2
import yaml
from django.conf import settings
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT = "openapi"
OF_ANY_PATH = {405, 406}  # another method, or nothing that Accept would have


def conforms(response: httpx2.Response) -> None:
    """AssertionError when the path is described and this status, or this JSON, is not what is described."""
    request = response.request
    path, operation = _operation(request.method, request.url.path)
    if operation is None or response.status_code in OF_ANY_PATH:
        return
    asked = f"{request.method} {path} {response.status_code}"
    described = operation["responses"].get(str(response.status_code))
    assert described is not None, f"{asked}: docs/openapi.yaml knows no such status."
    if response.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        return
    schema = _resolved(described)["content"]["application/json"]["schema"]
    response.read()
    for error in _validator(schema).iter_errors(response.json()):
        raise AssertionError(f"{asked}: {error.json_path}: {error.message}")


@cache
def _document() -> dict[str, Any]:
    text = (settings.BASE_DIR / "docs" / "openapi.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = _as_json_schema(yaml.safe_load(text))
    return document


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema; and an object has the properties it has."""
    if isinstance(node, list):
        return [_as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _as_json_schema(value) for key, value in node.items()}
    if isinstance(plain.get("properties"), dict) and plain.get("type") == "object":
        plain.setdefault("additionalProperties", False)
    if plain.pop("nullable", False) is True:
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Literal paths before those with a parameter: `jobs/stream/` is no job's id."""
    paths = sorted(_document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path.rstrip("/")) + "/?"), path) for path in paths]


def _operation(method: str, asked: str) -> tuple[str, dict[str, Any] | None]:
    path = next((path for pattern, path in _paths() if pattern.fullmatch(asked)), "")
    return path, _document()["paths"].get(path, {}).get(method.lower())


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in response:
        return response
    shared: dict[str, Any] = _document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return shared


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    whole = DRAFT202012.create_resource(_document())
    registry = Registry().with_resource(DOCUMENT, whole)
    return Draft202012Validator(_absolute(schema), registry=registry)


def _absolute(node: Any) -> Any:
    if isinstance(node, list):
        return [_absolute(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: f"{DOCUMENT}{value}" if key == "$ref" else _absolute(value) for key, value in node.items()}
