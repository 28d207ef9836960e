"""What goes into and comes out of this app's operations. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from uuid import UUID

from apps.image_processing.edits import AnyEdit
from core.images.encoding import Format
from core.images.provenance import DigitalSourceType
from core.operations import Input, SavedImage

PIPELINE = "pipeline"


@dataclass(frozen=True)
class EditInput(Input):
    """A picture and what is to be done to it: one edit, or in a pipeline several, one after the other.

    `tool` says by which call. `pictures[i]` are the further pictures of edit `i`, by name. `width` and
    `height` are those of the result.
    """

    tool: str
    image: UUID
    edits: tuple[AnyEdit, ...]
    pictures: tuple[dict[str, UUID], ...]
    width: int
    height: int
    output_format: Format
    quality: int | None
    digital_source_type: DigitalSourceType

    @property
    def input_images(self) -> tuple[UUID, ...]:
        further = (image_id for pictures in self.pictures for image_id in pictures.values())
        return tuple(dict.fromkeys((self.image, *further)))

    @property
    def image_count(self) -> int:
        return 1

    @property
    def technique(self) -> str:
        """What does it: the models and techniques that were chosen, or the call where there is no choice."""
        chosen = dict.fromkeys(edit.technique for edit in self.edits if edit.technique)
        return ", ".join(chosen)[:100] or self.tool


@dataclass(frozen=True)
class EditOutput:
    """The result in the image store, its size in pixels, what did it, seconds, and its history entry."""

    images: tuple[SavedImage, ...]
    width: int
    height: int
    model: str
    processing_time: float
    history_id: UUID | None


def operation_name(tool: str) -> str:
    """`image_processing.resize` for `resize`."""
    return f"image_processing.{tool}"
