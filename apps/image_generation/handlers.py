"""Paints pictures, in the worker: those of one request side by side."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import Any

from PIL import Image

from apps.image_generation.loras import services as lora_services
from apps.image_generation.operations import GenerateInput, GenerateOutput
from apps.image_generation.painting import Painted, Painter, Painting
from apps.image_generation.schedulers import SCHEDULERS
from apps.image_generation.sizes import fit, painted_size
from core.exceptions import Cancelled
from core.images import store
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.model_manager import catalogue
from core.model_manager.entries import ModelEntry
from core.model_manager.leasing import lease
from core.operations import Context, SavedImage

# What requests call a painting's fields, where they have another name for them.
_FIELDS = {"steps": "num_inference_steps"}


def generate(input: GenerateInput, context: Context) -> GenerateOutput:  # noqa: A002
    """Paints the pictures side by side and saves each as it is finished. Runs in the worker."""
    started = time.perf_counter()
    entry = catalogue.current().named(input.model)
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
        quality=input.quality,
    )
    return context.save(
        index, data, format=input.output_format, width=input.width, height=input.height, seed=seed
    )


def _scheduler_name(input: GenerateInput, painter: Painter) -> str:  # noqa: A002
    return SCHEDULERS[input.scheduler].title if input.scheduler else painter.own_scheduler


def _painting(
    input: GenerateInput,  # noqa: A002
    picture: Image.Image | None,
    size: tuple[int, int],
    index: int,
    share: str,
) -> Painting:
    recommended = catalogue.current().named(input.model).recommended
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
        **({} if input.quality is None else {"quality": input.quality}),
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
