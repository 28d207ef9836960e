"""The API describes itself, completely and without a network."""

import re
from io import StringIO
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

pytestmark = [pytest.mark.django_db]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=out)
    described: dict[str, Any] = yaml.safe_load(out.getvalue())
    return described


def operations(schema: dict[str, Any]) -> Any:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_error_is_described_once(schema: dict[str, Any]) -> None:
    error = schema["components"]["schemas"]["Error"]
    assert error["required"] == ["detail", "code", "request_id"]
    names = schema["components"]["responses"]
    for path, method, operation in operations(schema):
        for status, response in operation["responses"].items():
            if "$ref" in response:
                assert response["$ref"].rpartition("/")[2] in names, (path, method, status)
        if "{" in path:
            assert "404" in operation["responses"], path


def test_every_post_but_those_with_a_secret_or_a_stream_can_be_sent_twice(schema: dict[str, Any]) -> None:
    posts = {path: operation for path, method, operation in operations(schema) if method == "post"}
    takes_no_key = {
        path
        for path, operation in posts.items()
        if not any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ()))
    }
    auth = "/api/v1/auth/"
    assert {path.rstrip("/") for path in takes_no_key} == {
        "/api/v1/image-generation/train",
        *(auth + name for name in ("login", "refresh", "stream-ticket", "api-keys")),
    }
    assert takes_no_key == {path for path, operation in posts.items() if "422" not in operation["responses"]}


def test_paths_have_no_pattern_in_them(schema: dict[str, Any]) -> None:
    for path, _, _ in operations(schema):
        assert re.fullmatch(r"(/[a-z0-9-]+|/\{[a-z_]+\})+/?", path), path
    assert "/health" in {path.rstrip("/") for path in schema["paths"]}


def test_operations_have_distinct_names(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(names) == len(set(names))


def test_credentials_are_described(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"].values()
    assert {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"} in schemes
    assert any(scheme.get("name") == "X-API-Key" and scheme["in"] == "header" for scheme in schemes)


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_schema_is_served(client: Client, slash: str) -> None:
    response = client.get(f"/api/v1/schema{slash}", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert response.json()["openapi"].startswith("3.")
    assert yaml.safe_load(client.get(f"/api/v1/schema{slash}").content)["paths"]


def test_the_schema_is_made_once_whatever_the_query_says(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get("/api/v1/schema/?version=9").content
    monkeypatch.delattr(SchemaGenerator, "get_schema")
    assert client.get("/api/v1/schema/?version=1&lang=de").content == first


@pytest.mark.parametrize("page", ["/swagger/", "/swagger", "/redoc/", "/redoc", "/admin/login/"])
def test_pages_bring_their_own_files(client: Client, settings: Any, page: str) -> None:
    assert settings.DEBUG is False
    response = client.get(page, headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 200
    html = response.content.decode()
    files = re.findall(r'<(?:script|link)\b[^>]*?(?:src|href)="([^"#]+)"', html)
    assert len(files) >= 1
    for file in files:
        assert not re.match(r"https?:|//", file), f"{page} needs a network for {file}"
        answer = client.get(file)
        assert answer.status_code == 200, file
        assert answer.getvalue() if answer.streaming else answer.content


def test_static_files_stay_in_their_folders(client: Client) -> None:
    for path in (
        "../manage.py",
        "%2e%2e/manage.py",
        "admin/../../../manage.py",
        "/etc/passwd",
        "admin/",
        "no.css",
    ):
        assert client.get(f"/static/{path}").status_code in {400, 404}


def test_the_front_page_says_where_to_go(client: Client) -> None:
    body = client.get("/").json()
    for name in ("swagger", "redoc", "schema", "health"):
        assert client.get(body[name]).status_code == 200


def test_one_version_everywhere(schema: dict[str, Any], client: Client) -> None:
    version = client.get("/").json()["version"]

    assert version == schema["info"]["version"]
    assert f"\n## {version} " in (settings.BASE_DIR / "CHANGELOG.md").read_text()
