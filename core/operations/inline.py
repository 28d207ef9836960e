"""The Context of an operation that is run where it is asked for, within a request and without a job."""

from functools import cached_property
from uuid import uuid4

from core.images import store
from core.operations.context import SavedImage


class InlineContext:
    """Nobody can cancel it and nobody watches it: it is over in milliseconds. Pictures go to the store."""

    keeps_history = True

    def __init__(self, *, owner: str, share: str, request_id: str = "") -> None:
        self.owner = owner
        self.share = share
        self.request_id = request_id

    @cached_property
    def run_id(self) -> str:
        """Made when it is asked for: what keeps no history has no use for it."""
        return str(uuid4())

    def check(self) -> None:
        """Does nothing: the answer is about to be there."""

    def loading(self, message: str) -> None:
        """Does nothing: see `check`."""

    def progress(self, step: int, total: int, *, index: int | None = None, **details: float) -> None:
        """Does nothing: see `check`."""

    def preview(self, jpeg: bytes, *, index: int) -> None:
        """Does nothing: see `check`."""

    def finished(self) -> dict[int, SavedImage]:
        """None: there is no earlier attempt."""
        return {}

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
        """Keeps the picture for a short while: the answer, or a history row, decides whether for longer."""
        image = store.save(
            owner=self.owner, data=data, width=width, height=height, format=format, ttl=store.BRIEFLY
        )
        return SavedImage(index, image.pk, seed)
