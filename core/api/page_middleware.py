"""Django's own middleware, without a thread hop for each of its hooks.

Under ASGI Django calls every synchronous hook in another thread and comes back, some fifteen times a request.
Most requests here are an API's, which has no sessions: they get what only computes, called in place, and the
admin's pages alone get the rest.
"""

from typing import cast

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.decorators import sync_and_async_middleware

from core.middleware import Async, Sync

ADMIN = "/admin/"


@sync_and_async_middleware
def headers(get_response: Sync | Async) -> Sync | Async:
    """Checks the Host and sets the security headers and Content-Length: none of that waits for anything."""
    security, common = SecurityMiddleware(_unused), CommonMiddleware(_unused)
    frames = XFrameOptionsMiddleware(_unused)

    def begin(request: HttpRequest) -> HttpResponseBase | None:
        return security.process_request(request) or common.process_request(request)

    def finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        for middleware in (frames, common, security):
            # The stubs forget that a response may stream.
            response = middleware.process_response(request, cast(HttpResponse, response))
        return response

    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            return finish(request, begin(request) or await cast(Async, get_response)(request))

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        return finish(request, begin(request) or cast(Sync, get_response)(request))

    return serve


@sync_and_async_middleware
def admin_sessions(get_response: Sync | Async) -> Sync | Async:
    """Sessions, who is logged in, and messages, for the admin. Its views check CSRF tokens themselves."""
    if iscoroutinefunction(get_response):
        with_session = sync_to_async(_with_session(async_to_sync(get_response)))

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            serve = with_session if request.path.startswith(ADMIN) else cast(Async, get_response)
            return await serve(request)

        return serve_async

    with_session_sync = _with_session(cast(Sync, get_response))

    def serve_sync(request: HttpRequest) -> HttpResponseBase:
        serve = with_session_sync if request.path.startswith(ADMIN) else cast(Sync, get_response)
        return serve(request)

    return serve_sync


def _with_session(get_response: Sync) -> Sync:
    return cast(Sync, SessionMiddleware(AuthenticationMiddleware(MessageMiddleware(get_response))))


def _unused(request: HttpRequest) -> HttpResponseBase:
    raise AssertionError("Only the hooks of this middleware are called.")
