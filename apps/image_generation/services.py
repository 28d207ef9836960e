"""The face of image_generation: fill in a request for new pictures, and paint them. See also `editing`."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from typing import Any

from PIL import Image

from apps.image_generation.loras import services as lora_services
from apps.image_generation.operations import GENERATE, GenerateInput, GenerateOutput, OutputFormat
from apps.image_generation.painting import Painted, Painter, Painting
from apps.image_generation.schedulers import SCHEDULERS
from apps.image_generation.sizes import fit, painted_size
from core.exceptions import Cancelled, InvalidInput
from core.images import store
from core.images.encoding import encode
from core.images.picture import Picture
from core.images.provenance import Provenance
from core.model_manager import catalogue, gates
from core.model_manager.catalogue import EDITING_TASK, IMAGE_TASK
from core.model_manager.entries import ModelEntry
from core.model_manager.leasing import lease
from core.operations import Context, SavedImage

MAX_SEED = 2**32 - 1
# Variations of a picture keep its layout and colours at this strength, and differ in everything else.
VARIATION_STRENGTH = 0.6
VARIATIONS = 4
# What requests call a painting's fields, where they have another name for them.
_FIELDS = {"steps": "num_inference_steps"}


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
    output_format: OutputFormat = "png",
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
    return replace(
        work,
        picture=store.take(owner=owner, picture=image),
        strength=VARIATION_STRENGTH if strength is None else strength,
    )


def model_for(operation: str, model: str | None) -> ModelEntry:
    """The entry of the model that a request names, or of the default.

    Raises InvalidInput (field `model`) for one that paints nothing, and what `gates.check` raises.
    """
    known = catalogue.current()
    entry = known[model] if model else known.default(operation)
    if entry.task not in (IMAGE_TASK, EDITING_TASK):
        raise InvalidInput.for_field("model", f"{entry.id} paints no pictures: its task is {entry.task}.")
    gates.check(entry)
    return entry


def generate(input: GenerateInput, context: Context) -> GenerateOutput:  # noqa: A002
    """Paints the pictures side by side and saves each as it is finished. Runs in the worker."""
    started = time.perf_counter()
    entry = catalogue.current()[input.model]
    size = painted_size(input.width, input.height, entry.sizes)
    picture = _opened(input, size, context.owner)
    made = context.finished()
    batched = False
    ignored: frozenset[str] = frozenset()
    with lease(entry.id, waiting=context.loading) as painter:
        scheduler = _scheduler_name(input, painter)
        for index, painted in _paint_all(painter, input, picture, size, set(made), context):
            batched |= painted.batched
            ignored |= painted.ignored
            size = painted.image.size  # where others paint, it is what they made of the size
            made[index] = _save(painted.image, index, scheduler, input, context)
    return GenerateOutput(
        images=tuple(made[index] for index in range(len(input.seeds))),
        generation_time=round(time.perf_counter() - started, 4),
        parameters=_parameters(input, scheduler),
        metadata={
            **_metadata(input, scheduler, entry.licence, size, batched),
            **_ignored(input, entry, ignored),
        },
    )


def _paint_all(
    painter: Painter,
    input: GenerateInput,  # noqa: A002
    picture: Image.Image | None,
    size: tuple[int, int],
    made: set[int],
    context: Context,
) -> Iterator[tuple[int, Painted]]:
    """The pictures that are not `made` yet, each as it is finished. What one raises ends them all."""
    failed = threading.Event()

    def check() -> None:
        if failed.is_set():
            raise Cancelled
        context.check()

    wanted = [index for index in range(len(input.seeds)) if index not in made]
    with ThreadPoolExecutor(max_workers=max(1, len(wanted)), thread_name_prefix="painting") as pool:
        paintings = {
            pool.submit(
                paint,
                painter,
                _painting(input, picture, size, index, context.share),
                index=index,
                previews=input.previews,
                context=context,
                check=check,
            ): index
            for index in wanted
        }
        try:
            for finished in as_completed(paintings):
                yield paintings[finished], finished.result()
        except BaseException:
            failed.set()
            raise


def paint(
    painter: Painter,
    painting: Painting,
    *,
    index: int,
    previews: bool,
    context: Context,
    check: Callable[[], None],
) -> Painted:
    """The picture `index` of a job, painted under its eyes: each step is reported, previews if wanted."""

    def on_step(step: int, steps: int) -> None:
        context.progress(step, steps, index=index)
        check()

    check()
    on_preview = partial(context.preview, index=index) if previews else None
    return painter.paint(painting, on_step=on_step, check=check, on_preview=on_preview)


def _opened(input: GenerateInput, size: tuple[int, int], owner: str) -> Image.Image | None:  # noqa: A002
    """The picture that is painted over, at the size it is painted at."""
    if input.picture is None:
        return None
    return fit(store.open_image(image_id=input.picture, owner=owner).convert("RGB"), *size)


def _save(
    image: Image.Image,
    index: int,
    scheduler: str,
    input: GenerateInput,  # noqa: A002
    context: Context,
) -> SavedImage:
    seed = input.seeds[index]
    data = encode(
        fit(image, input.width, input.height),
        input.output_format,
        provenance=_provenance(input, seed, scheduler),
    )
    return context.save(
        index, data, format=input.output_format, width=input.width, height=input.height, seed=seed
    )


def _wanted_size(width: int | None, height: int | None, entry: ModelEntry) -> tuple[int, int]:
    """Sides left out follow the model: both its recommendation, one of them a square."""
    if width is None and height is None:
        return entry.recommended.width, entry.recommended.height
    return width or height or 0, height or width or 0


def _scheduler_name(input: GenerateInput, painter: Painter) -> str:  # noqa: A002
    return SCHEDULERS[input.scheduler].title if input.scheduler else painter.own_scheduler


def _painting(
    input: GenerateInput,  # noqa: A002
    picture: Image.Image | None,
    size: tuple[int, int],
    index: int,
    share: str,
) -> Painting:
    recommended = catalogue.current()[input.model].recommended
    return Painting(
        prompt=input.prompt,
        negative_prompt=input.negative_prompt,
        width=size[0],
        height=size[1],
        steps=input.steps,
        guidance_scale=input.guidance_scale,
        seed=input.seeds[index],
        scheduler=SCHEDULERS[input.scheduler] if input.scheduler else None,
        share=share,
        alone=input.deterministic,
        loras=lora_services.to_paint_with(input.loras),
        picture=picture,
        strength=input.strength,
        true_cfg_scale=recommended.true_cfg_scale or None,
    )


def _provenance(input: GenerateInput, seed: int, scheduler: str) -> Provenance:  # noqa: A002
    """What the picture says of itself. Nothing in it depends on when or for whom it was made."""
    return Provenance(
        prompt=input.prompt,
        negative_prompt=input.negative_prompt,
        steps=input.steps,
        sampler=scheduler,
        guidance_scale=input.guidance_scale,
        seed=seed,
        width=input.width,
        height=input.height,
        model=input.model,
        extra=lora_services.described(input.loras),
    )


def _parameters(input: GenerateInput, scheduler: str) -> dict[str, Any]:  # noqa: A002
    return {
        "prompt": input.prompt,
        "negative_prompt": input.negative_prompt,
        "width": input.width,
        "height": input.height,
        "num_inference_steps": input.steps,
        "guidance_scale": input.guidance_scale,
        "seed": input.seeds[0],
        "num_images": len(input.seeds),
        "model": input.model,
        "scheduler": input.scheduler or scheduler,
        "output_format": input.output_format,
        **lora_services.described(input.loras),
        **({"strength": input.strength} if input.picture else {}),
    }


def _ignored(input: GenerateInput, entry: ModelEntry, unused: frozenset[str]) -> dict[str, Any]:  # noqa: A002
    """The fields that were asked for and that this model has no use for."""
    asked = {
        "negative_prompt": bool(input.negative_prompt),
        "guidance_scale": input.guidance_scale != entry.recommended.guidance_scale,
        "steps": input.steps != entry.recommended.steps,
        "seed": True,  # whoever relies on it should know
    }
    names = sorted(_FIELDS.get(name, name) for name in unused if asked.get(name))
    return {"ignored": names} if names else {}


def _metadata(
    input: GenerateInput,  # noqa: A002
    scheduler: str,
    licence: str,
    size: tuple[int, int],
    batched: bool,
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "model": input.model,
        "steps": input.steps,
        "seed": input.seeds[0],
        "guidance_scale": input.guidance_scale,
        "width": input.width,
        "height": input.height,
        "scheduler": scheduler,
        "licence": licence,
        "batched": batched,
    }
    if size != (input.width, input.height):
        metadata["painted_size"] = list(size)
    return metadata
