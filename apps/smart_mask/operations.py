"""What goes into and comes out of this app's operations. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.images.encoding import Format
from core.operations import Input, SavedImage

CREATE = "smart_mask.create"
PREPARE = "smart_mask.prepare"

TASK = "mask-generation"  # of the catalogue's models that can be named
GRABCUT = "grabcut"  # the engine that needs no weights, and so is in no catalogue


@dataclass(frozen=True)
class CreateInput(Input):
    """A click, with nothing left open. Coordinates are pixels of the picture; without points, box and
    guidance the main subject is meant. `border` is how many pixels the mask grows; below zero it shrinks.
    """

    image_id: UUID
    model: str
    points: tuple[tuple[float, float], ...] = ()
    labels: tuple[int, ...] = ()
    box: tuple[float, float, float, float] | None = None
    guidance_id: UUID | None = None
    border: int = 0
    blur: bool = False
    output_format: Format = "png"

    @property
    def input_images(self) -> tuple[UUID, ...]:
        return (self.image_id,) if self.guidance_id is None else (self.image_id, self.guidance_id)

    @property
    def image_count(self) -> int:
        return 1


@dataclass(frozen=True)
class CreateOutput:
    """The mask, in the image store. `metadata`: `model_used`, `score`, `cached`, the picture's `image_id`."""

    images: tuple[SavedImage, ...]
    model: str
    metadata: dict[str, Any]


@dataclass(frozen=True)
class PrepareInput(Input):
    """A picture that is about to be clicked on. It is not pinned: whoever deletes it wants no mask of it."""

    image_id: UUID
    model: str


@dataclass(frozen=True)
class PrepareOutput:
    """`metadata`: `model_used`, `image_id`, and `cached`: whether there was nothing left to do."""

    metadata: dict[str, Any]
