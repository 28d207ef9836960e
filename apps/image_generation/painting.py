"""What a text-to-image engine is asked for. Knows neither Django nor torch: both sides import it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from apps.image_generation.schedulers import Scheduler

OnStep = Callable[[int, int], None]
OnPreview = Callable[[bytes], None]


@dataclass(frozen=True)
class Painting:
    """What to paint: sizes in pixels, any seed that fits 64 bits, `scheduler` None for the model's own."""

    prompt: str
    negative_prompt: str
    width: int
    height: int
    steps: int
    guidance_scale: float
    seed: int
    scheduler: Scheduler | None = None


class Painter(Protocol):
    """A loaded text-to-image model. `own_scheduler` names the one it uses when the request names none."""

    own_scheduler: str

    def paint(
        self, painting: Painting, *, on_step: OnStep, on_preview: OnPreview | None = None
    ) -> Image.Image:
        """The picture, RGB, 8 bit.

        `on_step(step, steps)` is called after each denoising step, counted from 1; what it raises ends the
        call. `on_preview` gets small JPEGs of the latents now and then. The same painting gives the same
        picture. Raises InvalidInput for a scheduler that this model cannot use.
        """
