"""Every error the studio answers with, in one shape: `{"detail", "code", "errors"?, "request_id"}`.

`answer_for` knows what each exception means over HTTP; `error_response` says it. DRF, the middleware and
Django's own error handlers (core.api.handlers) all come through here. Only where the studio speaks another
API's language, under a path of its own, errors have that one's shape (`shape_errors`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf
from rest_framework.request import Request

from core import exceptions as studio
from core.api.body_length import LengthRequired
from core.api.validation import flatten

STATUS: dict[type[studio.StudioError], HTTPStatus] = {
    studio.StudioError: HTTPStatus.INTERNAL_SERVER_ERROR,
    studio.InvalidInput: HTTPStatus.BAD_REQUEST,
    studio.NotPermitted: HTTPStatus.FORBIDDEN,
    studio.NotFound: HTTPStatus.NOT_FOUND,
    studio.WrongState: HTTPStatus.CONFLICT,
    studio.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    LengthRequired: HTTPStatus.LENGTH_REQUIRED,
    studio.UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    studio.QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    studio.NoEngine: HTTPStatus.NOT_IMPLEMENTED,
    studio.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    studio.OperationFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
}


@dataclass(frozen=True)
class Answer:
    """What an exception means over HTTP: all that its response will say, but for the request's id."""

    status: int
    code: str
    detail: str
    errors: dict[str, list[str]] | None = None
    headers: dict[str, str] = field(default_factory=dict)


Shape = Callable[[Answer], dict[str, Any]]
_shapes: dict[str, Shape] = {}


def shape_errors(prefix: str, shape: Shape) -> None:
    """Has the errors of `prefix`, and of all paths below it, answered as `shape` gives them."""
    _shapes[prefix] = shape


def shape_for(path: str) -> Shape | None:
    """The shape of another API that errors have at `path`; None for ours."""
    return next((shape for prefix, shape in _shapes.items() if f"{path}/".startswith(f"{prefix}/")), None)


def answer_for(error: BaseException | None) -> Answer:
    """The answer to `error`. What nobody foresaw is a 500 that keeps its reasons to itself."""
    match error:
        case studio.StudioError():
            return _studio_answer(error)
        case drf.ValidationError():
            errors, detail, code = flatten(error.detail)
            return Answer(error.status_code, code, detail, errors)
        case drf.APIException():
            return _drf_answer(error)
        case Http404():
            return _studio_answer(studio.NotFound())
        case PermissionDenied():
            return _studio_answer(studio.NotPermitted())
        case RequestDataTooBig():
            return _studio_answer(studio.TooLarge())
        case TooManyFieldsSent() | TooManyFilesSent():
            return Answer(HTTPStatus.BAD_REQUEST, "too_many_fields", "Too many fields or files.")
        case BadRequest() | MultiPartParserError() | SuspiciousOperation() | UnreadablePostError():
            return answer_for_status(HTTPStatus.BAD_REQUEST)
        case _:
            return _studio_answer(studio.OperationFailed())


def answer_for_status(status: int) -> Answer:
    """The answer where nothing but the status is known."""
    for kind, known in STATUS.items():
        if known == status and kind is not studio.StudioError and status != HTTPStatus.BAD_REQUEST:
            return _studio_answer(kind())
    try:
        phrase = HTTPStatus(status)
    except ValueError:
        return Answer(status, "error", studio.StudioError.detail)
    return Answer(status, phrase.phrase.lower().replace(" ", "_"), phrase.description or f"{phrase.phrase}.")


def error_response(answer: Answer, request: HttpRequest | Request) -> HttpResponse:
    """`answer` as JSON, whatever the request said it accepts."""
    return HttpResponse(
        error_body(answer, request),
        status=answer.status,
        content_type="application/json",
        headers=answer.headers,
    )


def error_body(answer: Answer, request: HttpRequest | Request) -> bytes:
    """The JSON of `answer`, with the id of the request that it answers."""
    if shape := shape_for(request.path):
        return orjson.dumps(shape(answer))
    body: dict[str, Any] = {"detail": answer.detail, "code": answer.code}
    if answer.errors:
        body["errors"] = answer.errors
    return orjson.dumps(body | {"request_id": getattr(request, "request_id", "")})


def _studio_answer(error: studio.StudioError) -> Answer:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return Answer(status, error.error_code, error.message, error.errors, headers)


def _drf_answer(error: drf.APIException) -> Answer:
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(wait)
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    _, detail, code = flatten(error.detail)
    return Answer(error.status_code, code, _what_to_do(error) or detail, None, headers)


def _what_to_do(error: drf.APIException) -> str | None:
    match error:
        case drf.NotAuthenticated():
            return "Send `Authorization: Bearer <token or API key>` or `X-API-Key: <API key>`."
        case drf.NotAcceptable():
            kinds = (renderer.media_type for renderer in error.available_renderers or ())
            return f"This call answers in: {', '.join(kinds)}."
        case drf.UnsupportedMediaType():
            return "Send application/json or multipart/form-data."
        case _:
            return None
