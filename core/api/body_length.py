"""Which bodies must not be read, going by nothing but their headers."""

import re
from typing import ClassVar

from django.conf import settings

from core.exceptions import InvalidInput, StudioError, TooLarge

_LENGTH = re.compile(r"[0-9]{1,18}")


class LengthRequired(StudioError):
    code: ClassVar[str] = "length_required"
    detail: ClassVar[str] = "Send the body with a Content-Length; chunked bodies are not accepted."


UNREADABLE = (TooLarge, LengthRequired, InvalidInput)


def check_body_length(*, content_length: str | None, transfer_encoding: str | None) -> None:
    """Raises one of UNREADABLE for a body that must not be read, going by its headers (None: not sent).

    TooLarge above STUDIO_MAX_BODY_BYTES, LengthRequired for chunked bodies, InvalidInput for a length that is
    not a number. A request without either header has no body (RFC 9112, 6.3).
    """
    if transfer_encoding:
        raise LengthRequired
    if not content_length:
        return
    if not _LENGTH.fullmatch(content_length.strip()):
        raise InvalidInput("The Content-Length is not a number.", code="bad_content_length")
    limit: int = settings.STUDIO_MAX_BODY_BYTES
    if int(content_length) > limit:
        raise TooLarge(f"The body has {content_length.strip()} bytes; at most {limit} are accepted.")
