"""The base of every view of the studio."""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, ClassVar, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from core.accounts.owners import Owner, owner_of
from core.api import idempotency
from core.api.fingerprints import fingerprint
from core.api.models import IdempotencyKey
from core.api.renderers import JSONRenderer
from core.api.serializers import validated


class StudioView(APIView):
    """An APIView that knows its owner, honours `Idempotency-Key` on POST, and always can answer in JSON."""

    # by method: statuses of errors that the schema could not guess
    own_errors: ClassVar[Mapping[str, Collection[int]]] = {}

    # whether the answer can be kept for a retry: it holds no secret, and it has an end
    replayable: ClassVar[bool] = True

    _claimed: IdempotencyKey | None = None

    @cached_property
    def owner(self) -> Owner:
        """Whose request this is."""
        return owner_of(self.request)

    @property
    def request_id(self) -> str:
        """The id of this request, as it is in X-Request-Id and in the log."""
        return getattr(self.request, "request_id", "")

    @property
    def idempotency_key(self) -> str | None:
        """The client's key, if it sent one: such a call goes on when its client disconnects."""
        given = self.request.headers.get("Idempotency-Key")
        return None if given is None or self.request.method != "POST" else idempotency.check_key(given)

    @property
    def job_id(self) -> UUID | None:
        """The id that a job of this request has to have, so that a retry finds it; None without a key."""
        return self._claimed.job_id if self._claimed else None

    def validated(self, serializer_class: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """The fields of the request's body as `serializer_class` understands them. Raises ValidationError."""
        context = {"request": self.request, "view": self}
        return validated(serializer_class(data=self.request.data, context=context))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            # Cancelled, or the answer could not be written: whoever tries again starts anew.
            if self._claimed is not None:
                idempotency.release(self._claimed)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        request._request.owner = self.owner  # type: ignore[attr-defined]  # for the line in the log
        if self.replayable and (key := self.idempotency_key):
            self._claim(request, key)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        if isinstance(exc, _AlreadyAnswered):
            return exc.response
        return super().handle_exception(exc)

    def finalize_response(  # type: ignore[override]  # the stubs do not know that a view may stream
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if isinstance(response, Response) and not isinstance(response.data, bytes):
            request.accepted_renderer = _json_renderer(request)
            request.accepted_media_type = JSONRenderer.media_type
        response = super().finalize_response(request, cast(Response, response), *args, **kwargs)
        if self._claimed is not None and isinstance(response, HttpResponse):
            if isinstance(response, Response):
                response.render()
            idempotency.finish(self._claimed, response)
            self._claimed = None
        return response

    def _claim(self, request: Request, key: str) -> None:
        asked = fingerprint(request)
        row = idempotency.claim(owner=self.owner.id, key=key, fingerprint=asked)
        if row.status_code is None:
            self._claimed = row
        elif (kept := idempotency.replay(row)) is not None:
            raise _AlreadyAnswered(kept)
        else:
            self._claim(request, key)


class _AlreadyAnswered(Exception):
    """Leaves `initial` with the answer that was kept, instead of calling the handler."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        super().__init__()


def _json_renderer(request: Request) -> BaseRenderer:
    chosen = getattr(request, "accepted_renderer", None)
    return chosen if isinstance(chosen, JSONRenderer) else JSONRenderer()
