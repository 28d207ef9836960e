"""The two operations, as the worker runs them: an embedding, kept or made, then a mask of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import numpy as np
from PIL import Image

from apps.smart_mask import borders, embeddings
from apps.smart_mask.engines.grabcut import GrabCut
from apps.smart_mask.operations import GRABCUT, CreateInput, CreateOutput, PrepareInput, PrepareOutput
from apps.smart_mask.segmenting import Embedding, Mask, Pixels, Prompts, Segmenter
from core.images import store
from core.images.encoding import encode
from core.images.masks import meant
from core.images.pixels import on_white
from core.model_manager.leasing import lease
from core.operations import Context


def create(input: CreateInput, context: Context) -> CreateOutput:  # noqa: A002
    """Cuts out what is meant, and saves the mask: grey, white inside, as large as the picture."""
    prompts = _prompts(input, context)
    with _segmenter(input.model, context) as segmenter:
        embedding, cached = _embedding(segmenter, input.image_id, input.model, context)
        segmented = segmenter.segment(embedding, prompts)
    context.check()
    mask = Image.fromarray(_finished(segmented.mask, input))
    # An attempt that crashed after saving it made the same one.
    saved = context.finished().get(0) or context.save(
        0,
        encode(mask, input.output_format),
        format=input.output_format,
        width=mask.width,
        height=mask.height,
    )
    return CreateOutput(
        images=(saved,),
        model=input.model,
        metadata={
            "model_used": input.model,
            "score": round(segmented.score, 4),
            "cached": cached,
            "image_id": str(input.image_id),
        },
    )


def prepare(input: PrepareInput, context: Context) -> PrepareOutput:  # noqa: A002
    """Does what the first click would have to wait for."""
    with _segmenter(input.model, context) as segmenter:
        _, cached = _embedding(segmenter, input.image_id, input.model, context)
    return PrepareOutput(
        metadata={"model_used": input.model, "cached": cached, "image_id": str(input.image_id)}
    )


@contextmanager
def _segmenter(model: str, context: Context) -> Iterator[Segmenter]:
    if model == GRABCUT:
        yield GrabCut()
    else:
        with lease(model, waiting=context.loading) as segmenter:
            yield segmenter


def _embedding(segmenter: Segmenter, image_id: UUID, model: str, context: Context) -> tuple[Embedding, bool]:
    """The picture's embedding, and whether it was there (or being made by another job) already."""
    image = store.get(image_id=image_id, owner=context.owner)

    def make() -> Embedding:
        context.loading("Looking at the picture")
        return segmenter.encode(_pixels(image_id, context.owner), on_step=context.progress)

    key = embeddings.Key(context.owner, image.sha256, model)
    return embeddings.shared().get(key, make, check=context.check)


def _pixels(image_id: UUID, owner: str) -> Pixels:
    """RGB; what is transparent is white."""
    image = store.open_image(image_id=image_id, owner=owner)
    return np.asarray(on_white(image).convert("RGB"))


def _prompts(input: CreateInput, context: Context) -> Prompts:  # noqa: A002
    rough = None
    if input.guidance_id is not None:
        rough = meant(store.open_image(image_id=input.guidance_id, owner=context.owner))
    return Prompts(input.points, input.labels, input.box, rough)


def _finished(mask: Mask, input: CreateInput) -> Pixels:  # noqa: A002
    """The engine's mask as 0 and 255, its border moved and its edge softened as asked."""
    inside = borders.moved(mask >= 0.5, input.border)
    sharp = inside.astype(np.uint8) * np.uint8(255)
    return borders.softened(sharp) if input.blur else sharp
