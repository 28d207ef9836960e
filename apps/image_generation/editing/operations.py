"""What goes into and comes out of an edit. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from apps.image_generation.loras.operations import LoraUse
from apps.image_generation.sizes import Padding
from core.images.encoding import Format
from core.operations import Input, SavedImage

EDIT = "image_generation.edit"

TaskType = Literal["edit", "inpaint", "insertion", "removal", "white-balance", "style-transfer", "outpaint"]
TASK_TYPES: tuple[TaskType, ...] = get_args(TaskType)
InputQuality = Literal["resized", "original"]
QUALITIES: tuple[InputQuality, ...] = get_args(InputQuality)


@dataclass(frozen=True)
class EditInput(Input):
    """A request with nothing left open. Pictures are ids in the image store.

    `width` and `height` (pixels) are those of the picture before `padding` (left, top, right, bottom) is
    added. `model` "" and `strength` None: nothing is painted. `prompt` holds the macros' words too. `given`
    names the fields that the request itself set.
    """

    task_type: TaskType
    image: UUID
    width: int
    height: int
    prompt: str = ""
    negative_prompt: str = ""
    mask: UUID | None = None
    guides: tuple[UUID, ...] = ()
    reference: UUID | None = None
    reference_mask: UUID | None = None
    padding: Padding = (0, 0, 0, 0)
    model: str = ""
    strength: float | None = None
    steps: int = 0
    guidance_scale: float = 0.0
    true_cfg_scale: float | None = None
    seed: int = 0
    scheduler: str = ""
    flow_matching: bool = False
    input_quality: InputQuality = "resized"
    loras: tuple[LoraUse, ...] = ()
    output_format: Format = "png"
    quality: int | None = None
    previews: bool = False
    deterministic: bool = False
    given: tuple[str, ...] = ()

    @property
    def input_images(self) -> tuple[UUID, ...]:
        named = (self.image, self.mask, self.reference, self.reference_mask, *self.guides)
        return tuple(dict.fromkeys(image_id for image_id in named if image_id is not None))

    @property
    def image_count(self) -> int:
        return 1


@dataclass(frozen=True)
class EditOutput:
    """The picture, in the image store, and how it came about. `generation_time` is in seconds."""

    images: tuple[SavedImage, ...]
    generation_time: float
    parameters: dict[str, Any]
    metadata: dict[str, Any]
    debug_info: dict[str, Any]

    @property
    def model(self) -> str:
        """What made it: a model of the catalogue, or a method that needs none."""
        return str(self.metadata["model"])
