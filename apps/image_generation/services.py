"""The face of image_generation: fill in a request, and paint it."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import Any

from PIL import Image

from apps.image_generation.operations import GENERATE, GenerateInput, GenerateOutput, OutputFormat
from apps.image_generation.painting import Painted, Painter, Painting
from apps.image_generation.schedulers import SCHEDULERS
from apps.image_generation.sizes import fit, painted_size
from core.exceptions import Cancelled
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.model_manager import catalogue, gates
from core.model_manager.entries import ModelEntry
from core.model_manager.leasing import lease
from core.operations import Context, SavedImage

MAX_SEED = 2**32 - 1


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
) -> GenerateInput:
    """`owner`'s request with nothing left open: None takes the model's recommendation, or draws a seed.

    Picture `i` of several has the seed `seed + i`. Raises InvalidInput for an unknown model,
    LicenceNotAccepted and ModelMissing for one that cannot be used here.
    """
    known = catalogue.current()
    entry = known[model] if model else known.default(GENERATE)
    gates.check(entry)
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
    )


def generate(input: GenerateInput, context: Context) -> GenerateOutput:  # noqa: A002
    """Paints the pictures side by side and saves each as it is finished. Runs in the worker."""
    started = time.perf_counter()
    entry = catalogue.current()[input.model]
    size = painted_size(input.width, input.height, entry.sizes)
    made = context.finished()
    batched = False
    with lease(entry.id, waiting=context.loading) as painter:
        scheduler = _scheduler_name(input, painter)
        for index, painted in _paint_all(painter, input, size, set(made), context):
            batched |= painted.batched
            made[index] = _save(painted.image, index, scheduler, input, context)
    return GenerateOutput(
        images=tuple(made[index] for index in range(len(input.seeds))),
        generation_time=round(time.perf_counter() - started, 4),
        parameters=_parameters(input, scheduler),
        metadata=_metadata(input, scheduler, entry.licence, size, batched),
    )


def _paint_all(
    painter: Painter,
    input: GenerateInput,  # noqa: A002
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
                _paint, painter, _painting(input, size, index, context.share), index, input, context, check
            ): index
            for index in wanted
        }
        try:
            for finished in as_completed(paintings):
                yield paintings[finished], finished.result()
        except BaseException:
            failed.set()
            raise


def _paint(
    painter: Painter,
    painting: Painting,
    index: int,
    input: GenerateInput,  # noqa: A002
    context: Context,
    check: Callable[[], None],
) -> Painted:
    def on_step(step: int, steps: int) -> None:
        context.progress(step, steps, index=index)
        check()

    check()
    on_preview = partial(context.preview, index=index) if input.previews else None
    return painter.paint(painting, on_step=on_step, check=check, on_preview=on_preview)


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


def _painting(input: GenerateInput, size: tuple[int, int], index: int, share: str) -> Painting:  # noqa: A002
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
    }


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
