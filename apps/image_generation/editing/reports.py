"""What an edit says of itself: in its answer, and in the picture."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.image_generation.editing.operations import EditInput
from apps.image_generation.editing.tasks import TASKS
from apps.image_generation.loras import services as lora_services
from core.images import store
from core.images.provenance import DigitalSourceType, Provenance, edited_source

# The fields that only a model has a use for.
FOR_A_MODEL = frozenset(
    {
        "angle",
        "background_preset",
        "style",
        "prompt",
        "negative_prompt",
        "model",
        "num_inference_steps",
        "guidance_scale",
        "true_cfg_scale",
        "strength",
        "seed",
        "scheduler",
        "enable_flowmatch_scheduler",
        "loras",
        "lora_scale",
        "input_quality",
        "previews",
        "deterministic",
    }
)
# What a painting's fields are called in a request.
IN_A_REQUEST = {"guides": "conditional_images[1:]", "steps": "num_inference_steps"}


def parameters(input: EditInput, scheduler: str) -> dict[str, Any]:  # noqa: A002
    """The request as it was understood, by the names of its fields."""
    said: dict[str, Any] = {
        "task_type": input.task_type,
        "width": input.width,
        "height": input.height,
        "input_quality": input.input_quality,
        "output_format": input.output_format,
    }
    if input.quality is not None:
        said["quality"] = input.quality
    if TASKS[input.task_type].needs_padding:
        said["padding"] = list(input.padding)
    if input.strength is None:
        return said
    return {
        **said,
        "prompt": input.prompt,
        "negative_prompt": input.negative_prompt,
        "model": input.model,
        "num_inference_steps": input.steps,
        "guidance_scale": input.guidance_scale,
        "true_cfg_scale": input.true_cfg_scale,
        "strength": input.strength,
        "seed": input.seed,
        "scheduler": input.scheduler or scheduler,
        **lora_services.described(input.loras),
    }


def ignored(input: EditInput, unused: frozenset[str]) -> list[str]:  # noqa: A002
    """The fields that the request sets and that changed nothing; `unused` are those the model cannot use."""
    task = TASKS[input.task_type]
    names = {IN_A_REQUEST.get(name, name) for name in unused} & {*input.given, IN_A_REQUEST["guides"]}
    if input.strength is None:
        names |= FOR_A_MODEL & {*input.given}
        names |= {"conditional_images[1:]"} if input.guides else set()
    unneeded = {
        "quality": input.output_format == "png",
        "padding": not task.needs_padding,
        "reference_image": not task.needs_reference,
        "reference_mask_R": not task.needs_reference,
    }
    names |= {name for name, unused_here in unneeded.items() if unused_here and name in input.given}
    if not task.takes_mask and "conditional_images" in input.given:
        names.add("conditional_images[0]")
    return sorted(names)


def debug_info(
    input: EditInput,  # noqa: A002
    kept: Mapping[str, UUID],
    input_size: tuple[int, int],
    output_size: tuple[int, int],
) -> dict[str, Any]:
    """What stood beside the input (ids of the pictures), the sizes, and which LoRAs painted."""
    conditions = {label: image_id for label, image_id in kept.items() if label not in ("input", "composite")}
    adapters = [use.name for use in input.loras]
    return {
        "conditional_images": [str(image_id) for image_id in conditions.values()],
        "conditional_labels": list(conditions),
        "input_image_size": list(input_size),
        "output_image_size": list(output_size),
        "lora_adapter": adapters[0] if adapters else None,
        "loaded_adapters": adapters,
    }


def provenance(
    input: EditInput,  # noqa: A002
    scheduler: str,
    size: tuple[int, int],
    *,
    is_trained: bool,
) -> Provenance:
    """What the picture says of itself; `is_trained`: another app's operation used a trained model."""
    if input.strength is None:
        return Provenance(
            width=size[0],
            height=size[1],
            extra={"task": input.task_type},
            digital_source_type=_plain_source(input, is_trained=is_trained),
        )
    return Provenance(
        prompt=input.prompt,
        negative_prompt=input.negative_prompt,
        steps=input.steps,
        sampler=scheduler,
        guidance_scale=input.guidance_scale,
        seed=input.seed,
        width=size[0],
        height=size[1],
        model=input.model,
        extra={
            "task": input.task_type,
            "denoising_strength": input.strength,
            **lora_services.described(input.loras),
        },
        digital_source_type=DigitalSourceType.EDITED,
    )


def _plain_source(input: EditInput, *, is_trained: bool) -> DigitalSourceType:  # noqa: A002
    """What the result is where nothing is painted: the input's own mark is passed on."""
    shown = [image_id for image_id in (input.image, input.reference) if image_id is not None]
    edit = DigitalSourceType.EDITED if is_trained else DigitalSourceType.HUMAN_EDITS
    return edited_source(map(store.read_by_id, shown), edit)
