"""One operation inside another's run: a step of a pipeline, of a chat plan, a part of a dataset."""

import threading

from core.operations.context import Context, SavedImage


class Step:
    """The Context of step `number` (from 0) `of` so many equal ones of the run that `context` belongs to.

    Its progress is a part of the whole. It makes at most `pictures` pictures; its picture 0 is the picture
    `first_index` of the whole.
    """

    def __init__(
        self, context: Context, *, number: int, of: int, first_index: int = 0, pictures: int = 1
    ) -> None:
        self._context = context
        self._number = number
        self._of = of
        self._first = first_index
        self._pictures = pictures
        self._done: dict[int, float] = {}  # share of each picture that is done
        self._lock = threading.Lock()

    @property
    def owner(self) -> str:
        return self._context.owner

    @property
    def share(self) -> str:
        return self._context.share

    @property
    def request_id(self) -> str:
        return self._context.request_id

    @property
    def run_id(self) -> str:
        return f"{self._context.run_id}/{self._number}"

    @property
    def keeps_history(self) -> bool:
        return self._context.keeps_history

    def check(self) -> None:
        self._context.check()

    def loading(self, message: str) -> None:
        self._context.loading(message)

    def progress(self, step: int, total: int, *, index: int | None = None, **details: float) -> None:
        with self._lock:  # its pictures may be made side by side
            self._done[index or 0] = step / max(1, total)
            parts = 1 if index is None else self._pictures
            done = min(total, round(total * sum(self._done.values()) / parts))
        self._context.progress(self._number * total + done, self._of * total, index=None, **details)

    def preview(self, jpeg: bytes, *, index: int) -> None:
        self._context.preview(jpeg, index=self._first + index)

    def finished(self) -> dict[int, SavedImage]:
        return {
            index - self._first: SavedImage(index - self._first, image.image_id, image.seed)
            for index, image in self._context.finished().items()
            if self._first <= index < self._first + self._pictures
        }

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
        saved = self._context.save(
            self._first + index, data, format=format, width=width, height=height, seed=seed
        )
        return SavedImage(index, saved.image_id, seed)
