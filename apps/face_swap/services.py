"""The face of face_swap: find the faces of a picture, put one of them where another is."""

import time
from typing import Any

import numpy as np
from PIL import Image

from apps.face_swap.faces import Face, Pixels, Points, Swapper
from apps.face_swap.models import FaceSwap
from apps.face_swap.operations import (
    CONSENT,
    DETECT,
    HAAR,
    SWAP,
    TASK,
    DetectInput,
    DetectOutput,
    FaceIndex,
    FoundFace,
    SwapInput,
    SwapOutput,
)
from apps.face_swap.swappers import swapper
from core.exceptions import InvalidInput
from core.history import services as history
from core.images import store
from core.images.encoding import Format, encode
from core.images.picture import Picture
from core.images.provenance import DigitalSourceType, Provenance, declared_source
from core.model_manager import choosing
from core.operations import Context, SavedImage


def prepare_detect(*, owner: str, image: Picture, model: str = choosing.AUTO) -> DetectInput:
    """The request with nothing left open. Raises what `choosing.choose` raises."""
    chosen = _choose(model, DETECT)
    return DetectInput(image=store.take(owner=owner, picture=image), model=chosen)


def prepare_swap(
    *,
    owner: str,
    source_image: Picture,
    target_image: Picture,
    source_face_index: int = 0,
    target_face_index: FaceIndex = 0,
    blend: float = 1.0,
    consent: bool = False,
    model: str = choosing.AUTO,
    output_format: Format = "png",
) -> SwapInput:
    """The request with nothing left open. Faces count from 0, the largest first.

    Raises InvalidInput `consent_required` unless `consent` is given, and what `choosing.choose` raises.
    """
    if not consent:
        raise InvalidInput.for_field("consent", CONSENT, code="consent_required")
    chosen = _choose(model, SWAP)
    return SwapInput(
        source_image=store.take(owner=owner, picture=source_image),
        target_image=store.take(owner=owner, picture=target_image),
        source_face_index=source_face_index,
        target_face_index=target_face_index,
        blend=blend,
        model=chosen,
        made_by_model=any(declared_source(picture.data) for picture in (source_image, target_image)),
        output_format=output_format,
    )


def detect(input: DetectInput, context: Context) -> DetectOutput:  # noqa: A002
    """The faces of the picture, which may be none. Runs in the worker."""
    pixels = _pixels(store.open_image(image_id=input.image, owner=context.owner))
    found = []
    with swapper(input.model, context.loading) as engine:
        faces = engine.find(pixels)
        for index, face in enumerate(faces):
            context.progress(index, len(faces))
            found.append(_found(index, face, engine.landmarks(pixels, face)))
    return DetectOutput(faces=tuple(found), model=input.model)


def swap(input: SwapInput, context: Context) -> SwapOutput:  # noqa: A002
    """Paints the source's face over the target's, keeps the picture and writes it down. Runs in the worker.

    Raises InvalidInput `no_face_found` and `no_such_face`, for the picture or the index at fault.
    """
    started = time.perf_counter()
    with swapper(input.model, context.loading) as engine:
        image, metadata = _swapped(input, engine, context)
    seconds = round(time.perf_counter() - started, 4)
    row_id = history.record(
        FaceSwap,
        context,
        input_image=input.target_image,
        source_image_id=input.source_image,
        output_image=image.image_id,
        parameters={**_parameters(input), "consent": True, "output_format": input.output_format},
        model=engine.name,
        processing_time=seconds,
    )
    return SwapOutput(
        images=(image,),
        model=engine.name,
        processing_time=seconds,
        history_id=row_id,
        metadata=metadata,
    )


def _swapped(input: SwapInput, engine: Swapper, context: Context) -> tuple[SavedImage, dict[str, Any]]:  # noqa: A002
    """(the picture, kept; what the answer says of it)."""
    source = _pixels(store.open_image(image_id=input.source_image, owner=context.owner))
    target = store.open_image(image_id=input.target_image, owner=context.owner)
    canvas = _pixels(target)
    context.check()
    [face] = _chosen(engine.find(source), "source", input.source_face_index)
    goals = _chosen(engine.find(canvas), "target", input.target_face_index)
    origin = _origin(engine, input)
    image = context.finished().get(0)
    if image is None:
        for done, goal in enumerate(goals):
            context.progress(done, len(goals), index=0)
            engine.swap(source, face, canvas, goal, blend=input.blend)
        context.progress(len(goals), len(goals), index=0)
        image = _save(_like(target, canvas), engine.name, origin, input, context)
    metadata = {"faces_swapped": len(goals), "digital_source_type": str(origin), **_parameters(input)}
    return image, metadata


def _choose(model: str, operation: str) -> str:
    return choosing.choose(model, task=TASK, operation=operation, techniques=(HAAR,))


def _chosen(faces: list[Face], which: str, index: FaceIndex) -> list[Face]:
    """The faces that `index` means; `which` picture they are of, for the complaint that there are none."""
    if not faces:
        raise InvalidInput.for_field(
            f"{which}_image", f"No face was found in the {which} image.", code="no_face_found"
        )
    if index == "all":
        return faces
    if not 0 <= index < len(faces):
        there = "is 1 face" if len(faces) == 1 else f"are {len(faces)} faces"
        raise InvalidInput.for_field(
            f"{which}_face_index",
            f"There {there} in the {which} image, counted from 0: there is no face {index}.",
            code="no_such_face",
        )
    return [faces[index]]


def _found(index: int, face: Face, landmarks: Points) -> FoundFace:
    box = [round(value, 2) for value in face.box]
    points = [(round(float(x), 2), round(float(y), 2)) for x, y in landmarks]
    return FoundFace(
        index=index,
        bbox=(box[0], box[1], box[2], box[3]),
        landmarks=(points[0], points[1], points[2], points[3], points[4]),
        score=round(min(face.score, 1.0), 4),
    )


def _pixels(image: Image.Image) -> Pixels:
    return np.array(image.convert("RGB"))


def _like(target: Image.Image, canvas: Pixels) -> Image.Image:
    """The canvas in the target's mode: a grey picture stays grey, what was transparent stays so."""
    image = Image.fromarray(canvas)
    if target.mode == "RGBA":
        image.putalpha(target.getchannel("A"))
    return image.convert(target.mode)


def _origin(engine: Swapper, input: SwapInput) -> DigitalSourceType:  # noqa: A002
    trained = engine.generates or input.made_by_model
    return DigitalSourceType.EDITED if trained else DigitalSourceType.SYNTHETIC_COMPOSITE


def _save(
    image: Image.Image,
    model: str,
    origin: DigitalSourceType,
    input: SwapInput,  # noqa: A002
    context: Context,
) -> SavedImage:
    provenance = Provenance(
        model=model,
        width=image.width,
        height=image.height,
        extra={"operation": "face swap", "synthetic": True, **_parameters(input)},
        digital_source_type=origin,
    )
    data = encode(image, input.output_format, provenance=provenance)
    return context.save(0, data, format=input.output_format, width=image.width, height=image.height)


def _parameters(input: SwapInput) -> dict[str, Any]:  # noqa: A002
    return {
        "source_face_index": input.source_face_index,
        "target_face_index": input.target_face_index,
        "blend": input.blend,
    }
