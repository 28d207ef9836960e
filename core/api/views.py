"""The base of every view of the studio."""

from functools import cached_property
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.owners import Owner, owner_of
from core.api.renderers import JSONRenderer


class StudioView(APIView):
    """An APIView that knows its owner and falls back on JSON where it has no picture or stream to give."""

    @cached_property
    def owner(self) -> Owner:
        """Whose request this is."""
        return owner_of(self.request)

    def get_authenticate_header(self, request: Request) -> str:
        # Never empty: without a challenge DRF would turn a 401 into a 403.
        return super().get_authenticate_header(request) or "Bearer"

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if isinstance(response, Response) and not isinstance(response.data, bytes):
            request.accepted_renderer = self._json(request)
            request.accepted_media_type = JSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)

    @staticmethod
    def _json(request: Request) -> BaseRenderer:
        chosen = getattr(request, "accepted_renderer", None)
        return chosen if isinstance(chosen, JSONRenderer) else JSONRenderer()
