"""No HTML for programs: what goes wrong under /api/, /v1/, /health or /metrics is answered in JSON."""

from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from core.api.errors import answer_for_status, error_body
from core.api.handlers import is_api
from core.middleware import Async, Sync


@sync_and_async_middleware
def json_errors(get_response: Sync | Async) -> Sync | Async:
    """Rewrites the errors that others wrote as HTML or text: Django's debug pages, a library's own.

    Status and headers stay as they are. It must stand right after the request's id, outside all others.
    """
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            return _in_shape(request, await cast(Async, get_response)(request))

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        return _in_shape(request, cast(Sync, get_response)(request))

    return serve


def _in_shape(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if response.status_code < 400 or not isinstance(response, HttpResponse) or not is_api(request.path):
        return response
    if response.headers.get("Content-Type", "").startswith("application/json"):
        return response
    response.content = error_body(answer_for_status(response.status_code), request)
    response.headers["Content-Type"] = "application/json"
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))
    return response
