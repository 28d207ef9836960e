"""What goes into and comes out of this app's operations. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.image_generation.loras.operations import LoraUse
from core.images.encoding import Format
from core.operations import Input, SavedImage

GENERATE = "image_generation.generate"
VARY = "image_generation.vary"


@dataclass(frozen=True)
class GenerateInput(Input):
    """A request with nothing left open: every default is filled in and every seed is drawn, so that a second
    attempt after a crash makes the same pictures. Sizes in pixels; `scheduler` "" is the model's own.

    With a `picture` that is painted over, to the share `strength` (0..1).
    """

    model: str
    prompt: str
    negative_prompt: str
    width: int
    height: int
    steps: int
    guidance_scale: float
    seeds: tuple[int, ...]
    scheduler: str = ""
    output_format: Format = "png"
    previews: bool = False
    deterministic: bool = False
    loras: tuple[LoraUse, ...] = ()

    picture: UUID | None = None
    strength: float = 1.0
    quality: int | None = None

    @property
    def input_images(self) -> tuple[UUID, ...]:
        return (self.picture,) if self.picture else ()

    @property
    def image_count(self) -> int:
        return len(self.seeds)


@dataclass(frozen=True)
class GenerateOutput:
    """The pictures, in the image store, and how they came about. `generation_time` is in seconds."""

    images: tuple[SavedImage, ...]
    generation_time: float
    parameters: dict[str, Any]
    metadata: dict[str, Any]

    @property
    def model(self) -> str:
        """The catalogue's id of what painted them."""
        return str(self.metadata["model"])
