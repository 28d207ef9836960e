"""What goes into and comes out of this app's operations. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from uuid import UUID

from core.operations import Input, SavedImage

GENERATE = "datasets.generate"
IMAGES = "datasets.images"


@dataclass(frozen=True)
class GenerateInput(Input):
    """A set with nothing left open: picture `i` shows `prompt(i)` and has the seed `seeds[i]`.

    `prompts` are used in turn. `steps`, `width` and `height` (pixels) are None for what the model recommends.
    A `deterministic` set is painted one by one: the same bytes whatever else runs.
    """

    dataset_id: UUID
    class_label: str
    noise_level: float
    seed: int
    model: str
    prompts: tuple[str, ...]
    seeds: tuple[int, ...]
    steps: int | None = None
    width: int | None = None
    height: int | None = None
    deterministic: bool = False

    @property
    def image_count(self) -> int:
        return len(self.seeds)

    def prompt(self, index: int) -> str:
        """What the picture `index` shows."""
        return self.prompts[index % len(self.prompts)]


@dataclass(frozen=True)
class GenerateOutput:
    """The set that was made. `generation_time` is in seconds, over all attempts."""

    dataset_id: UUID
    class_label: str
    noise_level: float
    output_size: int
    file_count: int
    generation_time: float
    images: tuple[SavedImage, ...]
    model: str


@dataclass(frozen=True)
class ImagesInput(Input):
    """A set of the caller's."""

    dataset_id: UUID


@dataclass(frozen=True)
class ImagesOutput:
    """The pictures of a set, now in the image store, and what each shows. `model` painted them."""

    images: tuple[SavedImage, ...]
    captions: tuple[str, ...]
    class_label: str
    model: str
