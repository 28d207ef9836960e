"""Every request has an id and one line in the log."""

import asyncio
import logging
import random
import re
import time
from typing import Any, cast

import structlog
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.utils.encoding import escape_uri_path

from core.middleware import Async, Sync
from core.observability import disconnects, metrics

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
CLIENT_CLOSED_REQUEST = 499  # nginx's number for it: nobody is there to be answered

logger = structlog.get_logger("studio.access")


@sync_and_async_middleware
def request_log(get_response: Sync | Async) -> Sync | Async:
    """Gives the request its `request_id`, every response `X-Request-Id`, and the log one line for both.

    The id is the client's own `X-Request-Id` where that is 1 to 128 of `A-Za-z0-9._-`, otherwise 128 random
    bits in hex. It is in every line that is logged while the request is worked on. The access line has the
    path without its query string, which may hold a ticket. It must stand first in MIDDLEWARE.
    """
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            started = _begin(request)
            gone = disconnects.watch()
            try:
                response = await cast(Async, get_response)(request)
            except asyncio.CancelledError:
                gone.set()
                _log(request, CLIENT_CLOSED_REQUEST, started)
                raise
            return _finish(request, response, started)

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        started = _begin(request)
        return _finish(request, cast(Sync, get_response)(request), started)

    return serve


def _begin(request: HttpRequest) -> float:
    given = request.headers.get("X-Request-Id", "")
    # It has to be unique, not secret, and the system's own randomness costs as much as reading the body.
    request_id = given if SANE_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"
    request.request_id = request_id  # type: ignore[attr-defined]
    structlog.contextvars.clear_contextvars()  # WSGI servers use a thread, and its context, again
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return time.perf_counter()


def _finish(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
    _log(request, response.status_code, started)
    return response


def _log(request: HttpRequest, status: int, started: float) -> None:
    seconds = time.perf_counter() - started
    metrics.count_request(request, status, seconds)
    facts: dict[str, Any] = {
        "method": request.method,
        "path": escape_uri_path(request.path),
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    if owner := getattr(request, "owner", None):
        facts["owner"] = owner.id
    logger.log(logging.ERROR if status >= 500 else logging.INFO, "request", **facts)
