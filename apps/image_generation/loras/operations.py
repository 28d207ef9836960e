"""What goes into and comes out of what is done with LoRAs. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.operations import Input, SavedImage

TRAIN = "image_generation.train"


@dataclass(frozen=True)
class LoraUse:
    """An installed LoRA that pictures are painted with, and how strongly; `lora_scale` is in `scale`."""

    name: str
    scale: float


@dataclass(frozen=True)
class Lesson:
    """A stored picture to train on, and what it shows."""

    image_id: UUID
    caption: str


@dataclass(frozen=True)
class TrainInput(Input):
    """A training with nothing left open. Sizes in pixels.

    `prompt`, `negative_prompt`, `steps`, `guidance_scale`, `seed` and `lora_scale` are those of the samples,
    one after every `sample_every` of the `train_steps` and one at the end. See `teaching.Plan` for the rest.
    """

    model: str
    name: str
    lessons: tuple[Lesson, ...]
    prompt: str
    negative_prompt: str
    steps: int
    guidance_scale: float
    seed: int
    width: int
    height: int
    lora_scale: float
    train_steps: int
    rank: int
    learning_rate: float
    batch_size: int
    accumulation: int
    checkpointing: bool
    sample_every: int

    @property
    def input_images(self) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys(lesson.image_id for lesson in self.lessons))

    @property
    def image_count(self) -> int:
        return -(-self.train_steps // self.sample_every)


@dataclass(frozen=True)
class TrainOutput:
    """The samples, and the LoRA by the name that it has in the folder. `training_time` is in seconds."""

    images: tuple[SavedImage, ...]
    model: str
    lora: str
    metadata: dict[str, Any]
