"""Where exceptions become answers: DRF's hook, and Django's own for what never reaches a DRF view."""

from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from rest_framework.views import set_rollback

from core import exceptions as studio
from core.api.errors import Answer, answer_for, answer_for_status, error_response, shape_for

log = structlog.get_logger(__name__)

_PAGE = "<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>{detail}</p></html>"


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's EXCEPTION_HANDLER: an answer to every exception, also to those nobody foresaw.

    Those are logged with their stack trace, of which the answer shows nothing.
    """
    set_rollback()
    answer = answer_for(error)
    if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request_crashed", view=type(context["view"]).__name__, exc_info=error)
    return error_response(answer, context["request"])


def is_api(path: str) -> bool:
    """Whether who asks for `path` is a program, to be answered in JSON."""
    return path.startswith(("/api/", "/health", "/metrics")) or path == "/api" or shape_for(path) is not None


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, answer_for(exception))


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, answer_for(exception))


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, answer_for(studio.NotFound()))


def handler500(request: HttpRequest) -> HttpResponse:
    # Django has logged the exception with its stack trace before it calls this.
    return respond(request, answer_for(None))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: only the admin's forms come here, the API takes no cookies."""
    return respond(request, answer_for(studio.NotPermitted("The form has expired. Reload the page.")))


def respond(request: HttpRequest, answer: Answer) -> HttpResponse:
    """`answer` in JSON to programs, as a small page to people."""
    if is_api(request.path):
        return error_response(answer, request)
    title = answer_for_status(answer.status).code.replace("_", " ").capitalize()
    return HttpResponse(format_html(_PAGE, title=title, detail=answer.detail), status=answer.status)
