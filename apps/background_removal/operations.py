"""What goes into and comes out of this app's operations. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.images.encoding import Format
from core.operations import Input, SavedImage

REMOVE = "background_removal.remove"
BATCH = "background_removal.batch"

TASK = "background-removal"  # of the catalogue's models that can be named
# Needs no weights: what `auto` falls back to, and never called anything else.
GRABCUT = "grabcut"

# Beside these, a background is a colour as `#rrggbb`.
TRANSPARENT = "transparent"
BLUR = "blur"
PICTURE = "picture"


@dataclass(frozen=True)
class RemoveInput(Input):
    """One picture, and what to do with it. `model` is a catalogue id or `grabcut`, never `auto`.

    `background_image` belongs to the background `picture`. `keep_mask` saves the mask as a second picture.
    """

    image: UUID
    model: str
    alpha_matting: bool = False
    only_mask: bool = False
    background: str = TRANSPARENT
    background_image: UUID | None = None
    crop_to_subject: bool = False
    output_format: Format = "png"
    keep_mask: bool = True

    @property
    def input_images(self) -> tuple[UUID, ...]:
        return (self.image,) if self.background_image is None else (self.image, self.background_image)

    @property
    def image_count(self) -> int:
        return 1  # the mask that comes with it is not counted: who waits, waits for the cut-out


@dataclass(frozen=True)
class RemoveOutput:
    """The cut-out, then its mask where it was kept. `processing_time` is in seconds.

    `metadata` has `subject_box`, in pixels of the input: [left, top, right, bottom], or None where nothing
    was found; and `alpha_matting`, whether it could be done.
    """

    images: tuple[SavedImage, ...]
    model: str
    processing_time: float
    history_id: UUID | None
    metadata: dict[str, Any]


@dataclass(frozen=True)
class Rejected:
    """Picture `index` of a batch, which could not be taken, and why."""

    index: int
    code: str
    detail: str


@dataclass(frozen=True)
class Accepted:
    """Picture `index` of a batch."""

    index: int
    work: RemoveInput


@dataclass(frozen=True)
class BatchInput(Input):
    """Pictures to cut out one after the other, and those that were refused. Together: the request's."""

    accepted: tuple[Accepted, ...]
    rejected: tuple[Rejected, ...] = ()

    @property
    def input_images(self) -> tuple[UUID, ...]:
        wanted = (image_id for picture in self.accepted for image_id in picture.work.input_images)
        return tuple(dict.fromkeys(wanted))

    @property
    def image_count(self) -> int:
        return len(self.accepted) + len(self.rejected)


@dataclass(frozen=True)
class BatchOutput:
    """The cut-outs that were made. `metadata["results"]` has an entry for every picture of the request.

    Each has `index`, `image_id` and `history_id`, or an `error` with `code` and `detail`.
    """

    images: tuple[SavedImage, ...]
    model: str
    metadata: dict[str, Any]
