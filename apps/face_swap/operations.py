"""What goes into and comes out of this app's operations. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from core.images.encoding import Format
from core.operations import Input, SavedImage

DETECT = "face_swap.detect"
SWAP = "face_swap.swap"

TASK = "face-swap"  # of the catalogue's models that can be named
HAAR = "haar"  # comes with OpenCV: no model, no download
CONSENT = (
    "Say `consent: true`: that everybody whose face is in these pictures has agreed to the swap. "
    "Without it no face is swapped."
)

Point = tuple[float, float]
FaceIndex = int | Literal["all"]


@dataclass(frozen=True)
class DetectInput(Input):
    """`model` is what to look with: a model of the catalogue, or `haar`."""

    image: UUID
    model: str

    @property
    def input_images(self) -> tuple[UUID, ...]:
        return (self.image,)


@dataclass(frozen=True)
class FoundFace:
    """A face of a picture, in its pixels: `bbox` is (left, top, right, bottom), `landmarks` are both eyes,
    the tip of the nose, both corners of the mouth, from left to right as one sees them. `score` is 0 to 1."""

    index: int
    bbox: tuple[float, float, float, float]
    landmarks: tuple[Point, Point, Point, Point, Point]
    score: float


@dataclass(frozen=True)
class DetectOutput:
    """The faces, the largest first."""

    faces: tuple[FoundFace, ...]
    model: str


@dataclass(frozen=True)
class SwapInput(Input):
    """The face `source_face_index` of one picture goes onto a face, or all, of the other. See services.

    `made_by_model`: one of the two says of itself that a trained model took part in it.
    """

    source_image: UUID
    target_image: UUID
    source_face_index: int
    target_face_index: FaceIndex
    blend: float
    model: str
    made_by_model: bool
    output_format: Format = "png"

    @property
    def input_images(self) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys((self.source_image, self.target_image)))  # a picture is pinned once

    @property
    def image_count(self) -> int:
        return 1


@dataclass(frozen=True)
class SwapOutput:
    """The picture, its row in the history, and how it came about. `processing_time` is in seconds."""

    images: tuple[SavedImage, ...]
    model: str
    processing_time: float
    history_id: UUID | None
    metadata: dict[str, Any]
