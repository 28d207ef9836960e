"""What a text-to-image engine is asked for. Knows neither Django nor torch: both sides import it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from apps.image_generation.schedulers import Scheduler

OnStep = Callable[[int, int], None]
OnPreview = Callable[[bytes], None]


@dataclass(frozen=True)
class Lora:
    """An adapter to paint with: its safetensors file, and how strongly (1: as it was trained, 0: not)."""

    name: str
    scale: float
    file: Path


@dataclass(frozen=True)
class Painting:
    """What to paint: sizes in pixels, any seed that fits 64 bits, `scheduler` None for the model's own.

    `share` says whose turn it takes on the device; `alone` keeps it out of batches, which makes it exact.
    """

    prompt: str
    negative_prompt: str
    width: int
    height: int
    steps: int
    guidance_scale: float
    seed: int
    scheduler: Scheduler | None = None
    share: str = ""
    alone: bool = False
    loras: tuple[Lora, ...] = ()


@dataclass(frozen=True)
class Painted:
    """The picture, RGB, 8 bit; `batched` when a denoising step was shared with other requests."""

    image: Image.Image
    batched: bool


class Painter(Protocol):
    """A loaded text-to-image model. `own_scheduler` names the one it uses when the request names none."""

    own_scheduler: str

    def paint(
        self,
        painting: Painting,
        *,
        on_step: OnStep,
        check: Callable[[], None],
        on_preview: OnPreview | None = None,
    ) -> Painted:
        """The picture. May be called from many threads at a time; their steps are batched where they can be.

        `on_step(step, steps)` is called after each denoising step, counted from 1; what it raises ends the
        call, as does what `check()` raises while the device has no room. `on_preview` gets small JPEGs of the
        latents now and then. The same painting run alone gives the same picture. Raises InvalidInput for a
        scheduler or a LoRA that this model cannot use.
        """
