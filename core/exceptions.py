"""The studio's errors: what went wrong (`code`, for programs) and what to do about it (`detail`, for people).

They know no framework. `core.api.errors` gives each class its HTTP status; a job row keeps `to_dict()`.
"""

from typing import Any, ClassVar, Self


class StudioError(Exception):
    """Base class. `errors` names the fields at fault; `retry_after` (seconds) says that waiting helps."""

    code: ClassVar[str] = "error"
    detail: ClassVar[str] = "The request could not be completed."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        errors: dict[str, list[str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.message = detail or self.detail
        self.error_code = code or self.code
        self.errors = errors
        self.retry_after = retry_after
        super().__init__(self.message)

    def to_dict(self) -> dict[str, Any]:
        """JSON that `StudioError.from_dict` turns back into the same error in another process."""
        return {
            "type": type(self).__name__,
            "code": self.error_code,
            "detail": self.message,
            "errors": self.errors,
            "retry_after": self.retry_after,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "StudioError":
        """The error that `to_dict` described; an unknown type becomes an OperationFailed."""
        kind = {known.__name__: known for known in _descendants(StudioError)}.get(
            data.get("type", ""), OperationFailed
        )
        return kind(
            data.get("detail"),
            code=data.get("code"),
            errors=data.get("errors"),
            retry_after=data.get("retry_after"),
        )

    @classmethod
    def for_field(cls, field: str, message: str, *, code: str | None = None) -> Self:
        """An error about one field of the request."""
        return cls(message, code=code, errors={field: [message]})


class InvalidInput(StudioError):
    code = "invalid"
    detail = "The request has a field that is not valid."


class NotPermitted(StudioError):
    code = "permission_denied"
    detail = "You may not do this."


class LicenceNotAccepted(NotPermitted):
    code = "licence_not_accepted"
    detail = "The licence of this model has not been accepted here."


class NotFound(StudioError):
    code = "not_found"
    detail = "Not found."


class WrongState(StudioError):
    code = "wrong_state"
    detail = "This cannot be done in its present state."


class Cancelled(WrongState):
    code = "cancelled"
    detail = "The job was cancelled."


class TooLarge(StudioError):
    code = "too_large"
    detail = "The request is too large."


class UnsupportedMedia(StudioError):
    code = "unsupported_media_type"
    detail = "This kind of file is not supported."


class QuotaExceeded(StudioError):
    code = "quota_exceeded"
    detail = "You have too many jobs waiting. Try again when some have finished."


class NoEngine(StudioError):
    code = "no_engine"
    detail = "No engine here can do this."


class Unavailable(StudioError):
    code = "unavailable"
    detail = "The studio cannot do this right now. Try again later."


class QueueFull(Unavailable):
    code = "queue_full"
    detail = "The queue is full. Try again later."


class Stopping(Unavailable):
    code = "stopping"
    detail = "The server is stopping. Try again in a moment."


class ModelMissing(Unavailable):
    code = "model_missing"
    detail = "The model is not installed."


class InsufficientMemory(Unavailable):
    code = "insufficient_memory"
    detail = "The device has not enough memory for this."


class OperationFailed(StudioError):
    """Something broke that the caller could not have known: the log has the stack trace."""

    code = "internal_error"
    detail = "The operation failed. The server's log says why."


def _descendants(kind: type[StudioError]) -> list[type[StudioError]]:
    return [found for child in kind.__subclasses__() for found in (child, *_descendants(child))]
