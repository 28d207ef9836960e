"""The base of every operation's input."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Input:
    """A request with nothing left open, stored with its job. Pictures are ids in the image store."""

    @property
    def input_images(self) -> tuple[UUID, ...]:
        """The stored pictures it needs: the image store spares them until the job has ended."""
        return ()

    @property
    def image_count(self) -> int:
        """How many pictures it will make, if it is about pictures; their progress is then told one by one."""
        return 0
