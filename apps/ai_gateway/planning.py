"""From what a message asks for to a plan: which operations, with what, and what is missing."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.operations import Gives, PlannedStep, RunPlanInput
from apps.ai_gateway.reading import Wanted
from core import operations
from core.exceptions import InvalidInput
from core.images import store
from core.images.receiving import room_to_decode
from core.operations.inline import InlineContext

REFINE = "prompt_refinement.refine"
# What one plan may have, and make, at most.
MOST_STEPS = 8
MOST_PICTURES = 32
# Datasets say themselves how many they make.
_UNBOUNDED = "make_dataset"


@dataclass(frozen=True)
class Plan:
    """The steps that were asked for, and what is missing before they can be run (nothing is run then)."""

    steps: tuple[Wanted, ...]
    needs: tuple[str, ...]

    @property
    def summary(self) -> list[dict[str, Any]]:
        """The plan as the answer shows it."""
        return [
            {
                "intent": step.intent.name,
                "service": step.intent.operation,
                "parameters": step.parameters,
            }
            for step in self.steps
        ]


def plan(steps: tuple[Wanted, ...], pictures: frozenset[str]) -> Plan:
    """The plan for `steps` where these `pictures` (names of the request's fields) are at hand.

    Raises InvalidInput for too many steps.
    """
    if len(steps) > MOST_STEPS:
        raise InvalidInput(
            f"This message asks for more than {MOST_STEPS} steps. Send the rest in a second message.",
            code="too_many_steps",
        )
    at_hand = set(pictures)
    needs: dict[str, None] = {}
    for step in steps:
        needs |= dict.fromkeys(step.intent.needs(step.parameters, frozenset(at_hand)))
        _hand_on(at_hand, step.intent.gives)
    return Plan(steps, tuple(needs))


def refined(made: Plan, *, owner: str, share: str) -> Plan:
    """The same with every prompt for a new picture refined, as people expect of a studio."""
    context = InlineContext(owner=owner, share=share)
    return replace(made, steps=tuple(_refined(step, context) for step in made.steps))


def prepared(made: Plan, pictures: dict[str, UUID], *, owner: str) -> RunPlanInput:
    """What a worker needs to run the plan. The first operation's fields are checked here and now.

    Raises what its `prepare` raises, and InvalidInput for a plan that makes too many pictures.
    """
    steps = tuple(one for step in made.steps for one in _operations_of(step))
    first = all_intents()[steps[0].intent]
    brought = {
        name: store.picture(image_id=image_id, owner=owner)
        for name, image_id in pictures.items()
        if first.uses_image or name != "image"
    }
    with room_to_decode():
        work = operations.prepare(
            first.operation, owner=owner, **first.operation_fields(steps[0].parameters, brought)
        )
    plan_input = RunPlanInput(
        steps=steps,
        pictures=pictures,
        prepared=msgspec.to_builtins(work),
        prepared_images=work.input_images,
    )
    beside_datasets = replace(plan_input, steps=tuple(step for step in steps if step.intent != _UNBOUNDED))
    if beside_datasets.image_count > MOST_PICTURES:
        raise InvalidInput(
            f"This plan would make {beside_datasets.image_count} pictures; {MOST_PICTURES} is the most.",
            code="too_many_pictures",
        )
    return plan_input


def _operations_of(step: Wanted) -> list[PlannedStep]:
    before = step.intent.first(step.parameters)
    made_first = [_step(all_intents()[before.intent], before.parameters, before.gives)] if before else []
    return [*made_first, _step(step.intent, step.parameters, step.intent.gives)]


def _step(intent: Intent, parameters: dict[str, Any], gives: Gives) -> PlannedStep:
    return PlannedStep(intent.name, parameters, intent.makes(parameters), gives, intent.uses_image)


def _hand_on(at_hand: set[str], gives: Gives) -> None:
    """A new picture has no mask yet; a mask belongs to the picture that is at hand."""
    if gives:
        at_hand.add(gives)
    if gives == "image":
        at_hand.discard("mask")


def _refined(step: Wanted, context: InlineContext) -> Wanted:
    name = step.intent.refines
    if not name or name not in step.parameters:
        return step
    said = step.parameters[name]
    work = operations.prepare(REFINE, owner=context.owner, prompt=said)
    better = operations.run(REFINE, work, context)
    parameters = {**step.parameters, name: better.refined_prompt}
    if better.negative_prompt:
        parameters["negative_prompt"] = better.negative_prompt
    return replace(step, parameters=parameters, said={name: said})
