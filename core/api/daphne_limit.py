"""The body limit for daphne, which writes a whole body to a temporary file before it asks any application.

Whoever sends without end would fill the disk, and no middleware would ever know.
"""

import io

from daphne.http_protocol import WebRequest

from core.api.body_length import UNREADABLE, check_body_length


class _Nowhere(io.BytesIO):
    """A file that forgets what is written to it."""

    def write(self, data: object) -> int:
        return 0


def drop_refused_bodies() -> None:
    """From now on daphne drops the bodies that `check_body_length` refuses; `body_limit` answers in the end.

    They are read to that end, so that a client which only made a mistake sees the 413 and not a broken line.
    Daphne has no hook for this (its factory names WebRequest itself), so the method of the class is replaced.
    """
    WebRequest.gotLength = _got_length


_keep = WebRequest.gotLength


def _got_length(request: WebRequest, length: int | None) -> None:
    # twisted would parse forms itself, on the event loop: seconds of standstill for all. Django parses them.
    request._parsePOSTFormSubmission = False
    encoding = request.requestHeaders.getRawHeaders(b"transfer-encoding")
    try:
        check_body_length(
            content_length=None if length is None else str(length),
            transfer_encoding=str(encoding) if encoding else None,
        )
    except UNREADABLE:
        request.content = _Nowhere()
    else:
        _keep(request, length)
