"""What an engine that paints is asked for. Knows neither Django nor torch: both sides import it."""

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

    With a `picture` (RGB, of this size) that is painted over: `strength`, above 0 and at most 1, says how
    much of it may go. A `mask` (L, of the same size) confines that to its white part; no model keeps the
    rest to the last bit, so it has to be put back afterwards. `guides` are further pictures to look at.
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
    picture: Image.Image | None = None
    mask: Image.Image | None = None
    guides: tuple[Image.Image, ...] = ()
    strength: float = 1.0
    true_cfg_scale: float | None = None


@dataclass(frozen=True)
class Painted:
    """The picture, RGB, 8 bit; `batched` when a denoising step was shared with other requests.

    `ignored` names the fields of the painting that this model has no use for.
    """

    image: Image.Image
    batched: bool
    ignored: frozenset[str] = frozenset()


class Painter(Protocol):
    """A loaded model that paints. `own_scheduler` names the one it uses when the request names none."""

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
        scheduler or a LoRA that this model cannot use, and NoEngine for what it cannot do at all.
        """
