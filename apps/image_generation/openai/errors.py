"""Errors as that API words them: `{"error": {"message", "type", "param", "code"}}`."""

from http import HTTPStatus
from typing import Any

from core.api.errors import Answer

OPENAI_PATHS = "/v1"

# Fields of ours that have another name over there.
_PARAMS = {
    "input_image": "image",
    "conditional_images[0]": "mask",
    "conditional_images": "mask",
    "width": "size",
    "height": "size",
    "num_images": "n",
    "num_variations": "n",
}


def shape(answer: Answer) -> dict[str, Any]:
    """The body of an error. `param` is the first field at fault, and `message` says what is wrong with it."""
    message, param = answer.detail, None
    if answer.errors:
        field, complaints = next(iter(answer.errors.items()))
        param, message = _PARAMS.get(field, field), " ".join(complaints)
    return {"error": {"message": message, "type": _type(answer.status), "param": param, "code": answer.code}}


def _type(status: int) -> str:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return "authentication_error"
        case HTTPStatus.FORBIDDEN:
            return "permission_error"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "rate_limit_error"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
