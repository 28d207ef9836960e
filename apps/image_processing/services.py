"""The face of image_processing: prepare an edit or several, and make them."""

import time
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from PIL import Image

from apps.image_processing.models import ProcessedImage
from apps.image_processing.operations import PIPELINE, EditInput, EditOutput
from apps.image_processing.preparing import prepare_one, prepare_steps
from core import operations
from core.history import services as history
from core.images import store
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.operations import Context, SavedImage
from core.turns import Turns

prepare_resize = partial(prepare_one, "resize")
prepare_crop = partial(prepare_one, "crop")
prepare_rotate = partial(prepare_one, "rotate")
prepare_flip = partial(prepare_one, "flip")
prepare_adjust = partial(prepare_one, "adjust")
prepare_convert = partial(prepare_one, "convert")
prepare_white_balance = partial(prepare_one, "white_balance")
prepare_composite = partial(prepare_one, "composite")
prepare_extract_object = partial(prepare_one, "extract_object")
prepare_enhance = partial(prepare_one, "enhance")
prepare_upscale = partial(prepare_one, "upscale")
prepare_remove_object = partial(prepare_one, "remove_object")
prepare_pipeline = prepare_steps

# A picture of 50 megapixels takes some 600 MB while it is edited: a process edits as many as it has cores.
_turns = Turns()


def edit(input: EditInput, context: Context) -> EditOutput:  # noqa: A002
    """Makes the edits, saves the result and keeps it in the history."""
    with _turns.taken(context.check):
        started = time.perf_counter()
        saved = context.finished().get(0) or _made(input, context)
        seconds = round(time.perf_counter() - started, 4)
    history_id = history.record(
        ProcessedImage,
        context,
        input_image=input.image,
        output_image=saved.image_id,
        parameters=_parameters(input),
        model=input.technique,
        processing_time=seconds,
        operation=input.tool,
    )
    return EditOutput(
        images=(saved,),
        width=input.width,
        height=input.height,
        model=input.technique,
        processing_time=seconds,
        history_id=history_id,
    )


def _made(input: EditInput, context: Context) -> SavedImage:  # noqa: A002
    image = store.open_image(image_id=input.image, owner=context.owner)
    for number, (one, image_ids) in enumerate(zip(input.edits, input.pictures, strict=True)):
        pictures = {name: _opened(image_id, context) for name, image_id in image_ids.items()}
        step = operations.Step(context, number=number, of=len(input.edits))
        image = one.apply(image, pictures, step)
        step.progress(1, 1)
    data = encode(image, input.output_format, provenance=_provenance(input, image), quality=input.quality)
    return context.save(0, data, format=input.output_format, width=image.width, height=image.height)


def _opened(image_id: UUID, context: Context) -> Image.Image:
    return store.open_image(image_id=image_id, owner=context.owner)


def _parameters(input: EditInput) -> dict[str, Any]:  # noqa: A002
    """What was asked for, as it could be asked for again: without the pictures."""
    steps = [msgspec.to_builtins(one) for one in input.edits]
    file = {"output_format": input.output_format}
    if input.tool == PIPELINE:
        return {"steps": steps, **file}
    return {**{name: value for name, value in steps[0].items() if name != "op"}, **file}


def _provenance(input: EditInput, image: Image.Image) -> Provenance:  # noqa: A002
    return Provenance(
        width=image.width,
        height=image.height,
        extra={"edits": ", ".join(msgspec.to_builtins(one)["op"] for one in input.edits)},
        digital_source_type=input.digital_source_type,
    )
