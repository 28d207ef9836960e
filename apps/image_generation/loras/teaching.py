"""What a training engine is asked for. Knows neither Django nor torch: both sides import it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from apps.image_generation.painting import OnStep, Painted, Painter, Painting

Check = Callable[[], None]


@dataclass(frozen=True)
class Example:
    """A picture (RGB, at the size of the plan) and what it shows."""

    image: Image.Image
    caption: str


@dataclass(frozen=True)
class Plan:
    """How to train: sizes in pixels, `batch_size` pictures a pass, `accumulation` passes a step.

    Everything random is drawn from `seed` and the number of the step, so that a training that goes on after
    a crash takes the very steps it would have taken. `checkpointing` computes activations twice instead of
    keeping them: a third slower, with a fraction of the memory.
    """

    rank: int
    learning_rate: float
    seed: int
    width: int
    height: int
    batch_size: int = 1
    accumulation: int = 1
    checkpointing: bool = False


class Trainer(Protocol):
    """A LoRA in training. One thread may use it; what others paint meanwhile is not affected.

    Its work runs between theirs: see `Engine.background`.
    """

    done: int

    def look_at(self, examples: Iterable[Example], check: Check) -> None:
        """Encodes pictures and captions, once. `check` may raise between two of them."""

    def step(self) -> float:
        """One step of the optimizer; gives its loss, the mean of its passes."""

    def paint(self, painting: Painting, *, scale: float, on_step: OnStep, check: Check) -> Painted:
        """A picture with the LoRA as it is now, at `scale`."""

    def save(self, path: Path) -> None:
        """Writes all that `restore` needs to go on from here."""

    def restore(self, path: Path) -> None:
        """Goes on from where `save` was. Raises ValueError when the file is of another plan, or damaged."""

    def export(self, path: Path, header: dict[str, str]) -> None:
        """Writes the LoRA as diffusers reads it: safetensors, with `header` among its metadata."""


class Teachable(Painter, Protocol):
    """A model that LoRAs can be trained for."""

    def trainer(self, plan: Plan) -> Trainer:
        """A new LoRA for this model. Raises InvalidInput for a family that cannot be trained here."""
