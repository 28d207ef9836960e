"""The face of image_generation: fill in a request for new pictures, or for variations. See also `editing`."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps.image_generation.loras import services as lora_services
from apps.image_generation.operations import GENERATE, GenerateInput
from core.api.fields import MAX_SEED
from core.exceptions import InvalidInput, NoEngine
from core.images import store
from core.images.encoding import Format
from core.images.picture import Picture
from core.model_manager import catalogue, gates
from core.model_manager.catalogue import EDITING_TASK, IMAGE_TASK
from core.model_manager.choosing import named
from core.model_manager.entries import ModelEntry

# Variations of a picture keep its layout and colours at this strength, and differ in everything else.
VARIATION_STRENGTH = 0.6
VARIATIONS = 4


def prepare_generation(
    *,
    owner: str,
    prompt: str,
    negative_prompt: str = "",
    width: int | None = None,
    height: int | None = None,
    num_inference_steps: int | None = None,
    guidance_scale: float | None = None,
    seed: int | None = None,
    num_images: int = 1,
    model: str | None = None,
    scheduler: str | None = None,
    output_format: Format = "png",
    quality: int | None = None,
    previews: bool = False,
    deterministic: bool = False,
    loras: Sequence[Mapping[str, Any]] = (),
    lora_scale: float = 1.0,
) -> GenerateInput:
    """`owner`'s request with nothing left open: None takes the model's recommendation, or draws a seed.

    Picture `i` of several has the seed `seed + i`. Raises InvalidInput for an unknown model or LoRA,
    LicenceNotAccepted and ModelMissing for one that cannot be used here.
    """
    entry = model_for(GENERATE, model)
    if entry.task == EDITING_TASK:
        raise InvalidInput.for_field("model", f"{entry.id} edits pictures: use edit/, and give it one.")
    first = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
    width, height = _wanted_size(width, height, entry)
    return GenerateInput(
        model=entry.id,
        prompt=prompt,
        negative_prompt=negative_prompt,
        width=width,
        height=height,
        steps=num_inference_steps or entry.recommended.steps,
        guidance_scale=entry.recommended.guidance_scale if guidance_scale is None else guidance_scale,
        seeds=tuple((first + number) % (MAX_SEED + 1) for number in range(num_images)),
        scheduler=scheduler or "",
        output_format=output_format,
        quality=quality,
        previews=previews,
        deterministic=deterministic,
        loras=lora_services.chosen(loras, lora_scale, entry),
    )


def prepare_variations(
    *,
    owner: str,
    prompt: str = "",
    image: Picture | None = None,
    strength: float | None = None,
    num_variations: int = VARIATIONS,
    width: int | None = None,
    height: int | None = None,
    **fields: Any,
) -> GenerateInput:
    """The request for pictures like each other (one prompt, several seeds), or like `image`, painted over.

    What `prepare_generation` takes is taken here too, and `width` and `height` follow the image. Raises
    InvalidInput when there is neither a prompt nor an image.
    """
    if image is None:
        if not prompt:
            raise InvalidInput.for_field("prompt", "Say what to paint, or give an image to vary.")
        if strength is not None:
            raise InvalidInput.for_field("strength", "It says how far to go from an image: give one.")
        return prepare_generation(
            owner=owner, prompt=prompt, num_images=num_variations, width=width, height=height, **fields
        )
    if width is None and height is None:
        width, height = image.image.size
    work = prepare_generation(
        owner=owner, prompt=prompt, num_images=num_variations, width=width, height=height, **fields
    )
    check_repaints(catalogue.current().named(work.model))
    return replace(
        work,
        picture=store.take(owner=owner, picture=image),
        strength=VARIATION_STRENGTH if strength is None else strength,
    )


def model_for(operation: str, model: str | None) -> ModelEntry:
    """The entry of the model that a request names, or of the default.

    Raises InvalidInput (field `model`) for one that paints nothing, and what `gates.check` raises.
    """
    entry = named(model, operation=operation)
    if entry.task not in (IMAGE_TASK, EDITING_TASK):
        raise InvalidInput.for_field("model", f"{entry.id} paints no pictures: its task is {entry.task}.")
    gates.check(entry)
    return entry


def check_repaints(entry: ModelEntry) -> None:
    """NoEngine for a model that paints from words alone, as those do that are run elsewhere."""
    if entry.loader != lora_services.LOADER:
        raise NoEngine(f"{entry.id} paints from words alone; it cannot change a picture.")


def _wanted_size(width: int | None, height: int | None, entry: ModelEntry) -> tuple[int, int]:
    """Sides left out follow the model: both its recommendation, one of them a square."""
    if width is None and height is None:
        return entry.recommended.width, entry.recommended.height
    return width or height or 0, height or width or 0
