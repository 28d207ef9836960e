"""What a handler may ask of whoever runs it: is this still wanted, how far am I, keep this picture."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class SavedImage:
    """A finished picture in the image store: `index` counts from 0 within the operation."""

    index: int
    image_id: UUID
    seed: int | None = None


class Context(Protocol):
    """Given to every handler. A job, an inline call and a step of a pipeline each bring their own."""

    @property
    def owner(self) -> str:
        """Whose work this is, e.g. `user:5` or `anonymous`."""

    @property
    def share(self) -> str:
        """Whose turn it takes where several wait: a user or an address."""

    @property
    def request_id(self) -> str:
        """The id of the request that asked for this, as it is in X-Request-Id and in the log."""

    @property
    def run_id(self) -> str:
        """Names this run of this operation, and does so again on the next attempt after a crash.

        What is recorded under it is recorded once.
        """

    @property
    def keeps_history(self) -> bool:
        """Whether it is written into the history: not what is only a means of another run."""

    def check(self) -> None:
        """Raises Cancelled when nobody wants the result any more. Call it between steps."""

    def loading(self, message: str) -> None:
        """Tells the caller what is being waited for, e.g. a model that loads."""

    def progress(self, step: int, total: int, *, index: int | None = None, **details: float) -> None:
        """Reports `step` of `total` (of the picture `index`, if there are several); then `check()`.

        `details` are told along with it, e.g. the loss of a training.
        """

    def preview(self, jpeg: bytes, *, index: int) -> None:
        """Shows a small JPEG of the picture `index` as it is so far."""

    def finished(self) -> dict[int, SavedImage]:
        """The pictures an earlier attempt of this job already saved, by index: do not make them again."""

    def save(
        self,
        index: int,
        data: bytes,
        *,
        format: str,  # noqa: A002
        width: int,
        height: int,
        seed: int | None = None,
    ) -> SavedImage:
        """Keeps one finished, encoded picture and shows it to whoever watches."""
