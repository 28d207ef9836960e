"""What the remote API's refusals mean here. Nothing of them is passed on but a sentence for people."""

import re
from http import HTTPStatus

import httpx
from replicate.exceptions import ReplicateError

from core.exceptions import InvalidInput, OperationFailed, StudioError, Unavailable

LONGEST = 300
RETRY_AFTER_SECONDS = 10
MOST_RETRY_AFTER = 600


class TurnedDown(Exception):
    """The API says that it has no time: `retry_after` in seconds, where it says when it will have."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        said = f"{response.headers.get('Retry-After', '')} {response.text[:1000]}"
        # In a header, or in words: "Your rate limit resets in ~30s."
        found = re.match(r"\s*(\d+)\b", said) or re.search(r"~?(\d+)\s?s\b", said)
        self.retry_after = min(int(found.group(1)), MOST_RETRY_AFTER) if found else RETRY_AFTER_SECONDS
        super().__init__(f"{self.status}")


def meaning(error: Exception, *, token: str) -> StudioError:
    """The studio's own error for one of the client library, or of what it stands on."""
    match error:
        case TurnedDown(status=HTTPStatus.TOO_MANY_REQUESTS):
            return Unavailable(
                "Replicate takes no more requests from this studio for now.",
                code="remote_busy",
                retry_after=error.retry_after,
            )
        case TurnedDown():
            return Unavailable(
                "Replicate is not available for now.",
                code="remote_unavailable",
                retry_after=error.retry_after,
            )
        case ReplicateError():
            return _refusal(error.status or 0, said(error.detail or error.title, token=token))
        case httpx.TimeoutException():
            return Unavailable("Replicate did not answer in time.", code="remote_timeout", retry_after=10)
        case httpx.HTTPError():
            return Unavailable("Replicate cannot be reached.", code="remote_unreachable", retry_after=10)
        case _:  # JSON that is none, or none of a prediction
            return OperationFailed("Replicate's answer was not understood.", code="remote_answer")


def said(text: object, *, token: str) -> str:
    """What they say, short, on one line, and never with our token in it."""
    line = " ".join(str(text or "").split())
    return (line.replace(token, "***") if token else line)[:LONGEST]


def _refusal(status: int, detail: str) -> StudioError:
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Unavailable(
                "Replicate does not accept this studio's token. Whoever runs it can set another "
                "STUDIO_REPLICATE_TOKEN.",
                code="remote_token_refused",
            )
        case HTTPStatus.PAYMENT_REQUIRED:
            return Unavailable("This studio's account at Replicate has no credit left.", code="remote_unpaid")
        case HTTPStatus.NOT_FOUND:
            return Unavailable("Replicate has no such model (any more).", code="remote_model_missing")
        case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY:
            return InvalidInput(f"The remote model refuses this request: {detail}", code="remote_refused")
        case _:
            return Unavailable(f"Replicate failed ({status}).", code="remote_unavailable", retry_after=10)
