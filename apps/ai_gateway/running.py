"""Runs a plan in the worker: one operation after the other, each on the pictures of the one before."""

import sys
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.operations import PlannedStep, RunPlanInput, RunPlanOutput
from core import operations
from core.images import store
from core.operations import Context, Input, SavedImage, Step


@dataclass
class _Progress:
    """Where a plan stands: the pictures at hand, and what has been made and said."""

    images: list[UUID]
    others: dict[str, UUID]
    made: list[SavedImage] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    next_index: int = 0


def run_plan(input: RunPlanInput, context: Context) -> RunPlanOutput:  # noqa: A002
    """Every step on every picture at hand. What one raises ends the plan; its pictures so far are kept."""
    others = {name: image_id for name, image_id in input.pictures.items() if name != "image"}
    at = _Progress([input.pictures["image"]] if "image" in input.pictures else [], others)
    for number, step in enumerate(input.steps):
        context.check()
        _run_step(step, number, input, at, context)
    pictures = {name: image_id for name, image_id in at.others.items() if name == "mask"}
    if at.images:
        pictures["image"] = at.images[-1]
    return RunPlanOutput(
        images=tuple(at.made),
        model=", ".join(dict.fromkeys(at.models)),
        pictures=pictures,
        told=tuple(at.told),
        metadata={
            "steps": [
                {"intent": step.intent, "parameters": step.parameters, **told}
                for step, told in zip(input.steps, at.told, strict=True)
            ],
            "result_image_id": at.made[-1].image_id if at.made else None,
        },
    )


def _run_step(step: PlannedStep, number: int, plan: RunPlanInput, at: _Progress, context: Context) -> None:
    intent = all_intents()[step.intent]
    sources: list[UUID | None] = [*at.images] if intent.uses_image and at.images else [None]
    results: list[UUID] = []
    told: dict[str, Any] = {}
    whole = Step(context, number=number, of=len(plan.steps), pictures=sys.maxsize)
    for part, source in enumerate(sources):
        if number == 0 and part == 0:
            work = msgspec.convert(plan.prepared, operations.get(intent.operation).input)
        else:
            work = _prepare(intent, step, source, at.others, context)
        child = Step(
            whole,  # a run of its own for each part: what is recorded of one is not taken for another's
            number=part,
            of=len(sources),
            first_index=at.next_index,
            pictures=max(step.makes, work.image_count),
        )
        output = operations.run(intent.operation, work, child)
        results += _collect(output, step, at)
        told = {name: getattr(output, name) for name in intent.tells}
    at.told.append(told)
    _hand_on(step, results, at)


def _prepare(
    intent: Intent, step: PlannedStep, source: UUID | None, others: dict[str, UUID], context: Context
) -> Input:
    ids = {**others, **({"image": source} if source else {})}
    pictures = {name: store.picture(image_id=image_id, owner=context.owner) for name, image_id in ids.items()}
    return operations.prepare(
        intent.operation, owner=context.owner, **intent.operation_fields(step.parameters, pictures)
    )


def _collect(output: Any, step: PlannedStep, at: _Progress) -> list[UUID]:
    """The step's results. What it made beside them (a cut-out's mask) is kept, but is no result."""
    images: tuple[SavedImage, ...] = getattr(output, "images", ())
    results = images[: step.makes]
    at.made += [SavedImage(at.next_index + image.index, image.image_id, image.seed) for image in results]
    at.next_index += max(len(images), step.makes)
    if model := getattr(output, "model", ""):
        at.models.append(model)
    return [image.image_id for image in results]


def _hand_on(step: PlannedStep, results: list[UUID], at: _Progress) -> None:
    if step.gives == "image" and results:
        at.images = results
        at.others.pop("mask", None)
    elif step.gives and results:
        at.others[step.gives] = results[0]
