"""The errors of the API as OpenAPI components, written once and referred to by every operation.

Plain data, so that settings can take it.
"""

from typing import Any

NAMES = {
    400: ("BadRequest", "A field is not valid; the answer says which."),
    401: ("Unauthorized", "The credentials are missing, wrong or expired."),
    403: ("Forbidden", "The credentials do not reach this far, or a licence has not been accepted."),
    404: ("NotFound", "There is nothing here, or it is somebody else's."),
    409: ("Conflict", "Not in its present state, or the first request with this Idempotency-Key still runs."),
    411: ("LengthRequired", "The body came without a Content-Length."),
    413: ("TooLarge", "The body, or a picture in it, is too large."),
    415: ("UnsupportedMediaType", "The body is neither JSON nor a form."),
    422: ("KeyReused", "The Idempotency-Key belongs to a request with other fields."),
    429: ("TooManyRequests", "Your quota is used up."),
    500: ("Failed", "It was tried and failed; `code` says how, where that is known, and the log says more."),
    501: ("NotImplemented", "This model, or this server, cannot do such a thing."),
    503: ("Unavailable", "A model is not installed, the queue is full, or the server is stopping."),
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}

ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Every error, whatever its status.",
    "properties": {
        "detail": {"type": "string", "description": "What went wrong, for people."},
        "code": {"type": "string", "description": "What went wrong, for programs."},
        "errors": {
            "type": "object",
            "description": "The fields at fault, nested ones as `loras[1].scale`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {
            "type": "string",
            "description": "The same as in X-Request-Id and in the server's log.",
        },
    },
    "required": ["detail", "code", "request_id"],
}


def response(status: int, schema: dict[str, str]) -> dict[str, Any]:
    """An answer with `status`, one of NAMES, and a body of `schema`."""
    content = {"application/json": {"schema": schema}}
    headers = {"headers": _RETRY_AFTER} if status in {409, 429, 503} else {}
    return {"description": NAMES[status][1], "content": content} | headers


COMPONENTS = {
    "schemas": {"Error": ERROR},
    "responses": {
        name: response(status, {"$ref": "#/components/schemas/Error"}) for status, (name, _) in NAMES.items()
    },
}


def reference(status: int) -> dict[str, str]:
    """What an operation says for an answer with `status`, one of NAMES."""
    return {"$ref": f"#/components/responses/{NAMES[status][0]}"}
