"""Which of diffusers' pipelines does what a painting asks for, with which arguments.

Families differ in what they call guidance, in whether they take a size, and in how they look at a picture.
What a pipeline takes is read from its signature; this file knows the rest.
"""

import inspect
import math
from collections.abc import Mapping
from typing import Any

import diffusers
from diffusers.pipelines import auto_pipeline
from PIL import Image

from apps.image_generation.painting import Painting
from apps.image_generation.sizes import MOST_ASPECT
from core.exceptions import NoEngine

Kind = type[Any]

_TEXT: Mapping[str, Kind] = auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING
_PICTURE: Mapping[str, Kind] = auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING
_MASKED: Mapping[str, Kind] = {
    **auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING,
    "flux-kontext": diffusers.FluxKontextInpaintPipeline,
}
# What the UNets of SD's own inpainting pipelines must take: latents, or latents, mask and masked picture.
_INPAINTING_CHANNELS = (4, 9)
# These look at a list of pictures; other editors at one, beside which the guides are put.
_TAKE_SEVERAL = ("QwenImageEditPlusPipeline", "Flux2Pipeline", "Flux2KleinPipeline")


def kind_for(pipeline: Any, painting: Painting) -> Kind:
    """The pipeline class that paints this with `pipeline`'s components.

    A mask for which the family has no class of its own is answered with the one that paints over pictures:
    see `known_region`. Raises NoEngine for what the family cannot do.
    """
    own: Kind = type(pipeline)
    family = next((key for known in (_TEXT, _PICTURE, _MASKED) for key in known if known[key] is own), "")
    if painting.mask is not None and _can_inpaint(pipeline, family):
        return _MASKED.get(family, own)
    if _only_inpaints(pipeline):
        raise NoEngine("This model paints inside a mask: it needs a picture and a mask.")
    if painting.picture is not None:
        if family not in _PICTURE:
            raise NoEngine("This model paints from text alone; it cannot change a picture.")
        return _PICTURE[family]
    if family not in _TEXT and "image" in parameters(own):
        raise NoEngine("This model edits pictures: it needs one to begin with.")
    return _TEXT.get(family, own)


def arguments(kind: Kind, pipeline: Any, painting: Painting) -> tuple[dict[str, Any], frozenset[str]]:
    """The arguments of a call of `kind` but generator and callback, and the painting's fields it ignores."""
    takes = parameters(kind)
    call: dict[str, Any] = {"prompt": painting.prompt, "num_inference_steps": painting.steps}
    if pipeline.scheduler.config.get("shift_terminal"):  # a schedule with two ends (Qwen-Image's) needs both
        call["num_inference_steps"] = max(2, painting.steps)
    ignored: set[str] = set()
    if {"width", "height"} <= takes:
        call |= {"width": painting.width, "height": painting.height}
    if "max_area" in takes:  # Kontext would choose a size of its own
        call |= {"max_area": painting.width * painting.height, "_auto_resize": False}
    _guide_by_words(call, ignored, takes, pipeline, painting)
    if painting.picture is not None:
        _look_at_pictures(call, ignored, takes, kind, painting)
    return call, frozenset(ignored)


def parameters(kind: Kind) -> frozenset[str]:
    """The names of the arguments that a call of `kind` takes."""
    return frozenset(inspect.signature(kind.__call__).parameters)


def is_editor(kind: Kind) -> bool:
    """Whether `kind` follows instructions about a picture, instead of painting it over to some `strength`."""
    takes = parameters(kind)
    return "image" in takes and "strength" not in takes


def _guide_by_words(
    call: dict[str, Any], ignored: set[str], takes: frozenset[str], pipeline: Any, painting: Painting
) -> None:
    """The two kinds of guidance, and the negative prompt, which only works where one of them compares."""
    true_scale = painting.true_cfg_scale if "true_cfg_scale" in takes else None
    network = pipeline.components.get("transformer") or pipeline.components.get("unet")
    distilled = bool(getattr(network.config, "guidance_embeds", False))
    compares = painting.guidance_scale > 1 and "true_cfg_scale" not in takes
    if "guidance_scale" in takes and ("true_cfg_scale" not in takes or distilled):
        call["guidance_scale"] = painting.guidance_scale
    elif true_scale is None and "true_cfg_scale" in takes:
        true_scale = painting.guidance_scale  # the only guidance this model has
    else:
        ignored.add("guidance_scale")
    if true_scale is not None:
        call["true_cfg_scale"] = true_scale
        compares |= true_scale > 1
    elif painting.true_cfg_scale is not None:
        ignored.add("true_cfg_scale")
    if "negative_prompt" in takes and "true_cfg_scale" in takes and compares:
        call["negative_prompt"] = painting.negative_prompt or " "  # without one they do not compare
    elif "negative_prompt" in takes:
        call["negative_prompt"] = painting.negative_prompt or None
    if painting.negative_prompt and not compares:
        ignored.add("negative_prompt")


def _look_at_pictures(
    call: dict[str, Any], ignored: set[str], takes: frozenset[str], kind: Kind, painting: Painting
) -> None:
    picture = painting.picture
    call["image"] = picture
    if "strength" in takes:
        call["strength"] = painting.strength
        # Of so many steps the share `strength` is done: at least one.
        call["num_inference_steps"] = max(call["num_inference_steps"], math.ceil(1 / painting.strength))
    else:
        ignored.add("strength")
    if "mask_image" in takes:
        call["mask_image"] = painting.mask
    if not painting.guides:
        return
    if kind.__name__ in _TAKE_SEVERAL:
        call["image"] = [picture, *painting.guides]
    elif "image_reference" in takes:
        call["image_reference"] = _side_by_side(painting.guides)
    elif is_editor(kind) and picture is not None:
        call["image"] = _side_by_side((picture, *painting.guides))
    else:
        ignored.add("guides")


def _side_by_side(pictures: tuple[Image.Image, ...]) -> Image.Image:
    """All in one row, as high as the first: how models with room for one picture are shown several."""
    height = pictures[0].height
    scaled = [each.resize((_width_at(height, each), height)) for each in pictures]
    row = Image.new("RGB", (sum(each.width for each in scaled), height))
    left = 0
    for each in scaled:
        row.paste(each, (left, 0))
        left += each.width
    return row


def _width_at(height: int, picture: Image.Image) -> int:
    return max(1, round(height * min(picture.width / picture.height, MOST_ASPECT)))


def _can_inpaint(pipeline: Any, family: str) -> bool:
    """Whether diffusers has an inpainting pipeline for these weights."""
    if family not in _MASKED:
        return "mask_image" in parameters(type(pipeline))
    unet = pipeline.components.get("unet")
    return unet is None or unet.config.in_channels in _INPAINTING_CHANNELS


def _only_inpaints(pipeline: Any) -> bool:
    """Whether the weights were trained with a mask among their inputs, and do nothing without."""
    unet = pipeline.components.get("unet")
    if unet is not None:
        return bool(unet.config.in_channels == max(_INPAINTING_CHANNELS))
    takes = parameters(type(pipeline))
    return "mask_image" in takes and "strength" not in takes
