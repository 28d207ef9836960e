"""From what a request for an edit says to an input with nothing left open."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from apps.image_generation import macros
from apps.image_generation.editing import checks
from apps.image_generation.editing.operations import EDIT, EditInput, InputQuality
from apps.image_generation.editing.task import Task
from apps.image_generation.editing.tasks import TASKS
from apps.image_generation.loras import services as lora_services
from apps.image_generation.services import check_repaints, model_for
from apps.image_generation.sizes import Padding
from core.api.fields import MAX_SEED
from core.exceptions import InvalidInput
from core.images import store
from core.images.encoding import Format
from core.images.picture import Picture
from core.model_manager.catalogue import EDITING_TASK
from core.model_manager.entries import ModelEntry

MACRO_KINDS: tuple[macros.Kind, ...] = ("angle", "background_preset", "style")


@dataclass(frozen=True, kw_only=True)
class EditRequest:
    """The fields of `edit/` as they are named there; None or empty where the request says nothing.

    The first of `conditional_images` is the mask, the rest are pictures that guide the model.
    """

    input_image: Picture
    task_type: str = "edit"
    prompt: str = ""
    negative_prompt: str = ""
    conditional_images: Sequence[Picture] = ()
    reference_image: Picture | None = None
    reference_mask_R: Picture | None = None  # noqa: N815
    width: int | None = None
    height: int | None = None
    padding: Padding | None = None
    angle: str | None = None
    background_preset: str | None = None
    style: str | None = None
    model: str | None = None
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    true_cfg_scale: float | None = None
    strength: float | None = None
    seed: int | None = None
    scheduler: str | None = None
    enable_flowmatch_scheduler: bool = False
    loras: Sequence[dict[str, Any]] = ()
    lora_scale: float = 1.0
    input_quality: InputQuality = "resized"
    output_format: Format = "png"
    quality: int | None = None
    previews: bool = False
    deterministic: bool = False

    @property
    def mask(self) -> Picture | None:
        """The mask, where there is one."""
        return self.conditional_images[0] if self.conditional_images else None

    @property
    def macros(self) -> list[macros.Macro]:
        """What its angle, background and style stand for. Raises InvalidInput for one that is not known."""
        named = [(kind, getattr(self, kind)) for kind in MACRO_KINDS]
        return [macros.find(kind, name) for kind, name in named if name]

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the fields that it sets."""
        return tuple(
            field.name
            for field in fields(self)
            if field.name != "input_image" and getattr(self, field.name) != field.default
        )


def prepared(request: EditRequest, *, owner: str) -> EditInput:
    """What the request leaves out follows the task, the model and the picture; see `services`."""
    if request.task_type not in TASKS:
        known = ", ".join(TASKS)
        raise InvalidInput.for_field("task_type", f"There is no {request.task_type!r:.40}. Known: {known}.")
    task = TASKS[request.task_type]
    chosen = request.macros
    checks.check(task, request, has_words=bool(request.prompt or chosen))
    width, height = checks.wanted_size(request)
    entry = model_for(EDIT, request.model) if _paints(task, request) else None
    if entry:
        check_repaints(entry)
    negative = [request.negative_prompt, *(macro.negative_prompt for macro in chosen)]
    return EditInput(
        task_type=task.name,
        width=width,
        height=height,
        prompt=macros.worded(
            request.prompt, chosen, as_instruction=entry is not None and entry.task == EDITING_TASK
        ),
        negative_prompt=", ".join(part for part in negative if part),
        padding=request.padding if task.needs_padding and request.padding else (0, 0, 0, 0),
        seed=secrets.randbelow(MAX_SEED + 1) if request.seed is None else request.seed,
        input_quality=request.input_quality,
        output_format=request.output_format,
        quality=request.quality,
        previews=request.previews,
        deterministic=request.deterministic,
        given=request.given,
        **_pictures(task, request, owner),
        **(_painting(task, request, entry) if entry else {}),
    )


def _paints(task: Task, request: EditRequest) -> bool:
    return task.paints and (task.strength is not None or request.strength is not None)


def _pictures(task: Task, request: EditRequest, owner: str) -> dict[str, Any]:
    """The pictures that the task looks at, in the image store."""

    def taken(picture: Picture | None) -> Any:
        return store.take(owner=owner, picture=picture) if picture else None

    return {
        "image": taken(request.input_image),
        "mask": taken(request.mask) if task.takes_mask else None,
        "guides": tuple(taken(guide) for guide in request.conditional_images[1:]),
        "reference": taken(request.reference_image) if task.needs_reference else None,
        "reference_mask": taken(request.reference_mask_R) if task.needs_reference else None,
    }


def _painting(task: Task, request: EditRequest, entry: ModelEntry) -> dict[str, Any]:
    """What the model is told beside words and pictures."""
    own = entry.recommended

    def chosen(said: float | None, otherwise: float) -> float:
        return otherwise if said is None else said

    return {
        "model": entry.id,
        "strength": chosen(request.strength, 1.0 if task.strength is None else task.strength),
        "steps": request.num_inference_steps or own.steps,
        "guidance_scale": chosen(request.guidance_scale, own.guidance_scale),
        "true_cfg_scale": chosen(request.true_cfg_scale, own.true_cfg_scale) or None,
        "scheduler": request.scheduler or "",
        "flow_matching": request.enable_flowmatch_scheduler,
        "loras": lora_services.chosen(request.loras, request.lora_scale, entry),
    }
