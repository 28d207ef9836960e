"""The one shape of every error."""

from typing import Any


def assert_error(response: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """Checks the one shape of every error and returns its body."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert set(body) - {"errors"} == {"detail", "code", "request_id"}
    assert isinstance(body["detail"], str)
    assert body["detail"]
    assert body["request_id"] == response["X-Request-Id"]
    assert "Traceback" not in response.content.decode()
    assert "secret" not in response.content.decode()
    if code is not None:
        assert body["code"] == code
    return body
