"""What the worker does for this app's operations."""

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError
from PIL import Image, ImageChops

from apps.background_removal.engines import backdrop, matting
from apps.background_removal.engines.grabcut import GrabCutSegmenter
from apps.background_removal.models import Removal
from apps.background_removal.operations import (
    BLUR,
    GRABCUT,
    REMOVE,
    TRANSPARENT,
    BatchInput,
    BatchOutput,
    RemoveInput,
    RemoveOutput,
)
from apps.background_removal.segmenting import Segmenter
from core import operations
from core.exceptions import Cancelled, OperationFailed, StudioError
from core.history import services as history
from core.images import store
from core.images.encoding import encode
from core.images.provenance import DigitalSourceType, Provenance, edited_source
from core.model_manager.leasing import lease
from core.operations import Context, SavedImage, Step

# Of 255: what is fainter does not make the subject's box larger.
FAINTEST = 12
STEPS = 3  # segmented, composed, saved

log = structlog.get_logger(__name__)


def remove(input: RemoveInput, context: Context) -> RemoveOutput:  # noqa: A002
    """Cuts the subject out and saves the result, its mask where that is wanted, and a row of history."""
    started = time.perf_counter()
    picture, mask = _segmented(input, context)
    refined = matting.refined(picture, mask) if input.alpha_matting else None
    mask = refined or mask
    box = mask.point([0] * FAINTEST + [255] * (256 - FAINTEST)).getbbox()
    result = mask if input.only_mask else _composed(picture, mask, input, context, own_colours=bool(refined))
    if input.crop_to_subject and box:
        result, mask = result.crop(box), mask.crop(box)
    context.progress(2, STEPS)
    images = _save(result, mask, input, context)
    context.progress(STEPS, STEPS)
    elapsed = round(time.perf_counter() - started, 4)
    row = _record(images, elapsed, input, context)
    return RemoveOutput(
        images=images,
        model=input.model,
        processing_time=elapsed,
        history_id=row,
        metadata={
            "model": input.model,
            "processing_time": elapsed,
            "history_id": str(row) if row else None,
            "subject_box": list(box) if box else None,
            "alpha_matting": refined is not None,
        },
    )


def batch(input: BatchInput, context: Context) -> BatchOutput:  # noqa: A002
    """Cuts one picture after the other. What goes wrong with one is noted and ends none of the others.

    Raises the last one's error when all went wrong.
    """
    results: dict[int, dict[str, Any]] = {
        each.index: _failed(each.index, each.code, each.detail) for each in input.rejected
    }
    images: list[SavedImage] = []
    for number, picture in enumerate(input.accepted):
        step = Step(context, number=number, of=len(input.accepted), first_index=picture.index)
        try:
            made: RemoveOutput = operations.run(REMOVE, picture.work, step)
        except (Cancelled, OperationalError):
            raise
        except Exception as error:
            last = _described(error)
            results[picture.index] = _failed(picture.index, last.error_code, last.message)
            continue
        images.append(SavedImage(picture.index, made.images[0].image_id))
        results[picture.index] = {
            "index": picture.index,
            "image_id": str(made.images[0].image_id),
            "history_id": made.metadata["history_id"],
            "error": None,
        }
    if not images:
        raise last
    model = input.accepted[0].work.model
    ordered = [results[index] for index in sorted(results)]
    return BatchOutput(images=tuple(images), model=model, metadata={"model": model, "results": ordered})


def _segmented(input: RemoveInput, context: Context) -> tuple[Image.Image, Image.Image]:  # noqa: A002
    """The photo (RGB) and the subject's mask (L)."""
    image = store.open_image(image_id=input.image, owner=context.owner)
    picture = image.convert("RGB")
    with _segmenter(input.model, context) as segmenter:
        context.progress(0, STEPS)
        mask = segmenter.segment(picture)
    if image.mode == "RGBA":  # what was transparent stays so
        mask = ImageChops.multiply(mask, image.getchannel("A"))
    context.progress(1, STEPS)
    return picture, mask


def _segmenter(model: str, context: Context) -> AbstractContextManager[Segmenter]:
    return nullcontext(GrabCutSegmenter()) if model == GRABCUT else lease(model, waiting=context.loading)


def _composed(
    picture: Image.Image,
    mask: Image.Image,
    input: RemoveInput,  # noqa: A002
    context: Context,
    *,
    own_colours: bool,
) -> Image.Image:
    """RGBA on the transparent background, RGB on any other."""
    clean = matting.without_background(picture, mask) if own_colours else picture
    subject = backdrop.cut_out(clean, mask)
    if input.background == TRANSPARENT:
        return subject
    if input.background == BLUR:
        behind = backdrop.blurred(picture, mask)
    elif input.background_image is not None:
        other = store.open_image(image_id=input.background_image, owner=context.owner)
        behind = backdrop.filling(picture.size, other)
    else:
        behind = backdrop.colour(picture.size, input.background)
    return backdrop.before(subject, behind)


def _save(
    result: Image.Image,
    mask: Image.Image,
    input: RemoveInput,  # noqa: A002
    context: Context,
) -> tuple[SavedImage, ...]:
    """The result, and the mask as PNG where it is wanted beside it."""
    made = context.finished()  # an earlier attempt saved the very same
    source = _source(input)
    kept = [(result, input.output_format)]
    if input.keep_mask and not input.only_mask:
        kept.append((mask, "png"))
    for index, (image, format) in enumerate(kept):  # noqa: A001
        if index not in made:
            data = encode(image, format, provenance=_provenance(image, source, input))
            made[index] = context.save(index, data, format=format, width=image.width, height=image.height)
    return tuple(made[index] for index in range(len(kept)))


def _record(
    images: tuple[SavedImage, ...],
    elapsed: float,
    input: RemoveInput,  # noqa: A002
    context: Context,
) -> UUID | None:
    return history.record(
        Removal,
        context,
        input_image=input.image,
        output_image=images[0].image_id,
        parameters=_parameters(input),
        model=input.model,
        processing_time=elapsed,
        background_image_id=input.background_image,
        output_mask_id=images[1].image_id if len(images) > 1 else None,
    )


def _source(input: RemoveInput) -> DigitalSourceType:  # noqa: A002
    edit = DigitalSourceType.HUMAN_EDITS if input.model == GRABCUT else DigitalSourceType.EDITED
    return edited_source(map(store.read_by_id, input.input_images), edit)


def _provenance(
    image: Image.Image,
    source: DigitalSourceType,
    input: RemoveInput,  # noqa: A002
) -> Provenance:
    return Provenance(
        width=image.width,
        height=image.height,
        model=input.model,
        extra={"operation": REMOVE, "background": input.background, "only_mask": input.only_mask},
        digital_source_type=source,
    )


def _parameters(input: RemoveInput) -> dict[str, Any]:  # noqa: A002
    return {
        "model": input.model,
        "alpha_matting": input.alpha_matting,
        "only_mask": input.only_mask,
        "background": input.background,
        "crop_to_subject": input.crop_to_subject,
        "output_format": input.output_format,
    }


def _failed(index: int, code: str, detail: str) -> dict[str, Any]:
    error = {"code": code, "detail": detail}
    return {"index": index, "image_id": None, "history_id": None, "error": error}


def _described(error: Exception) -> StudioError:
    if isinstance(error, StudioError):
        return error
    log.error("picture_failed", exc_info=error)
    return OperationFailed()
