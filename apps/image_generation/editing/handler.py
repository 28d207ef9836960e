"""Runs an edit, in the worker: the task makes a canvas, the model paints over it, what is to stay stays."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from apps.image_generation.editing import kept_images
from apps.image_generation.editing.asides import AsideRunner, AsideStep
from apps.image_generation.editing.operations import EditInput, EditOutput
from apps.image_generation.editing.reports import debug_info, ignored, parameters, provenance
from apps.image_generation.editing.task import Given, Start
from apps.image_generation.editing.tasks import TASKS
from apps.image_generation.editing.windows import Window, window
from apps.image_generation.engines.compositing import put_into
from apps.image_generation.handlers import paint
from apps.image_generation.loras import services as lora_services
from apps.image_generation.masks import fit_mask
from apps.image_generation.painting import Painted, Painter, Painting
from apps.image_generation.schedulers import SCHEDULERS, Scheduler, is_flow_matching
from apps.image_generation.sizes import fit
from core.exceptions import InvalidInput
from core.images import store
from core.images.encoding import encode
from core.images.masks import as_mask, meant
from core.images.provenance import Provenance
from core.model_manager import catalogue
from core.model_manager.leasing import lease
from core.operations import Context, SavedImage, Step
from core.turns import Turns

FLOW_SCHEDULER = "flow-match-euler"

# Putting 50 megapixels together takes gigabytes for seconds; painting, which many do at a time, takes less.
_turns = Turns()


@dataclass(frozen=True)
class Result:
    """The edited picture, RGB, and what there is to say of how it was painted, if it was."""

    picture: Image.Image
    scheduler: str = ""
    unused: frozenset[str] = frozenset()
    said: tuple[tuple[str, Any], ...] = ()


class Opened:
    """The pictures of an edit, decoded and of the size that is worked on."""

    def __init__(self, input: EditInput, owner: str) -> None:  # noqa: A002
        source = store.open_image(image_id=input.image, owner=owner)
        self.source_size = source.size
        size = input.width, input.height
        fitted = fit(source, *size)  # whole: what is hidden under transparency must not show at its edges
        self.alpha = fitted.getchannel("A") if source.mode == "RGBA" else None
        self.guides = tuple(
            store.open_image(image_id=guide, owner=owner).convert("RGB") for guide in input.guides
        )
        mask, reference, reference_mask = (
            store.open_image(image_id=image_id, owner=owner) if image_id else None
            for image_id in (input.mask, input.reference, input.reference_mask)
        )
        self.given = Given(
            picture=fitted.convert("RGB"),
            mask=_fitted_mask(as_mask(mask), size) if mask else None,
            reference=reference.convert("RGBA" if reference.mode == "RGBA" else "RGB") if reference else None,
            reference_mask=as_mask(reference_mask) if reference_mask else None,
            padding=input.padding,
        )

    def with_alpha(self, picture: Image.Image, start: Start) -> Image.Image:
        """`picture` as transparent as the input was; opaque where a mask let it change."""
        if self.alpha is None:
            return picture
        alpha = Image.new("L", picture.size, 255)
        alpha.paste(self.alpha, self.given.padding[:2])
        if start.mask is not None and start.canvas.size == self.given.picture.size:
            differs = (np.asarray(picture) != np.asarray(self.given.picture)).any(axis=-1)
            alpha.paste(255, mask=Image.fromarray(differs))
        whole = picture.copy()
        whole.putalpha(alpha)
        return whole

    def shown(self, start: Start) -> dict[str, Image.Image]:
        """The pictures behind the result, by label: `composite` is what the model began with."""
        pictures = {
            "input": self.given.picture,
            "mask": start.mask,
            "reference": self.given.reference,
            "reference_mask": self.given.reference_mask,
            **{f"guide_{number}": guide for number, guide in enumerate(self.guides, 1)},
            "composite": start.canvas,
        }
        return {label: picture for label, picture in pictures.items() if picture is not None}


def _fitted_mask(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    fitted = fit_mask(mask, *size)
    if not meant(fitted).any():  # what was white lies where the picture is cut to the new aspect
        raise InvalidInput.for_field(
            "conditional_images", "At this width and height nothing of the mask is left.", code="mask_empty"
        )
    return fitted


def edit(input: EditInput, context: Context) -> EditOutput:  # noqa: A002
    """The edited picture; outside the mask it is the input, bit for bit."""
    started = time.perf_counter()
    task = TASKS[input.task_type]
    opened = Opened(input, context.owner)
    paints = input.strength is not None
    steps = max(1, task.asks_others + paints)
    aside = AsideRunner(AsideStep(context, number=0, of=steps))
    start = task.begin(opened.given, aside)
    result = Result(start.canvas)
    if paints:
        result = _painted_over(input, start, opened.guides, Step(context, number=steps - 1, of=steps))
    context.check()
    picture = opened.with_alpha(result.picture, start)
    kept = kept_images.keep(context, opened.shown(start))
    said = provenance(input, result.scheduler, picture.size, is_trained=aside.is_trained)
    saved = context.finished().get(0) or _save(picture, said, input, context)
    return EditOutput(
        images=(saved,),
        generation_time=round(time.perf_counter() - started, 4),
        parameters=parameters(input, result.scheduler),
        metadata=_metadata(input, start, result, picture.size),
        debug_info=debug_info(input, kept, opened.source_size, picture.size),
    )


def _painted_over(
    input: EditInput,  # noqa: A002
    start: Start,
    guides: tuple[Image.Image, ...],
    context: Context,
) -> Result:
    entry = catalogue.current().named(input.model)
    shown = window(start.canvas.size, start.mask, entry.sizes, input.input_quality)
    with lease(entry.id, waiting=context.loading) as painter:
        scheduler, misfit = _scheduler(input, painter)
        painting = _painting(input, start, shown, guides, scheduler, context.share)
        painted: Painted = paint(
            painter, painting, index=0, previews=input.previews, context=context, check=context.check
        )
    with _turns.taken(context.check):
        whole = shown.put_back(start.canvas, painted.image)
        if start.mask is not None:
            whole = put_into(start.canvas, whole, meant(start.mask))
    return Result(
        picture=whole,
        scheduler=scheduler.title if scheduler else painter.own_scheduler,
        unused=painted.ignored | misfit,
        said=(
            ("painted_size", list(shown.size)),
            ("window", list(shown.box)),
            ("batched", painted.batched),
            ("licence", entry.licence),
        ),
    )


def _scheduler(input: EditInput, painter: Painter) -> tuple[Scheduler | None, frozenset[str]]:  # noqa: A002
    """The scheduler to sample with; and what cannot be, flow matching by a model trained otherwise."""
    named = SCHEDULERS[input.scheduler] if input.scheduler else None
    if not input.flow_matching:
        return named, frozenset()
    if not is_flow_matching(painter.own_scheduler):
        return named, frozenset({"enable_flowmatch_scheduler"})
    return named or SCHEDULERS[FLOW_SCHEDULER], frozenset()


def _painting(
    input: EditInput,  # noqa: A002
    start: Start,
    shown: Window,
    guides: tuple[Image.Image, ...],
    scheduler: Scheduler | None,
    share: str,
) -> Painting:
    assert input.strength is not None
    return Painting(
        prompt=input.prompt,
        negative_prompt=input.negative_prompt,
        width=shown.size[0],
        height=shown.size[1],
        steps=input.steps,
        guidance_scale=input.guidance_scale,
        seed=input.seed,
        scheduler=scheduler,
        share=share,
        alone=input.deterministic,
        loras=lora_services.to_paint_with(input.loras),
        picture=shown.of(start.canvas),
        mask=shown.of(start.mask) if start.mask else None,
        guides=guides,
        strength=input.strength,
        true_cfg_scale=input.true_cfg_scale,
    )


def _save(picture: Image.Image, said: Provenance, input: EditInput, context: Context) -> SavedImage:  # noqa: A002
    data = encode(picture, input.output_format, provenance=said, quality=input.quality)
    return context.save(
        0,
        data,
        format=input.output_format,
        width=picture.width,
        height=picture.height,
        seed=None if input.strength is None else input.seed,
    )


def _metadata(input: EditInput, start: Start, result: Result, size: tuple[int, int]) -> dict[str, Any]:  # noqa: A002
    said: dict[str, Any] = {
        "model": input.model or start.made_by,
        "task_type": input.task_type,
        "width": size[0],
        "height": size[1],
        "ignored": ignored(input, result.unused),
    }
    if start.made_by:
        said["composite_by"] = start.made_by
    if input.strength is None:
        return said
    painted = {
        "steps": input.steps,
        "seed": input.seed,
        "guidance_scale": input.guidance_scale,
        "strength": input.strength,
        "scheduler": result.scheduler,
    }
    return {**said, **painted, **dict(result.said)}
