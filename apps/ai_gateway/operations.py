"""What goes into and comes out of this app's operation. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from core.operations import Input, SavedImage

RUN_PLAN = "ai_gateway.run_plan"

# What a step's picture is for the steps behind it; "" where it makes none, or none that they could use.
Gives = Literal["image", "mask", "reference_image", ""]


@dataclass(frozen=True)
class PlannedStep:
    """One operation of a plan: the intent it serves, what was said of it, how many pictures it makes.

    `on_each`: it works on pictures, and runs once for each that is at hand.
    """

    intent: str
    parameters: dict[str, Any]
    makes: int
    gives: Gives
    on_each: bool = True


@dataclass(frozen=True)
class RunPlanInput(Input):
    """The steps in order, and the pictures at hand when the first begins, by the name of the request's field.

    `prepared` is the first step's own input, which was checked before the plan was queued; the others' are
    made when the picture they work on exists.
    """

    steps: tuple[PlannedStep, ...]
    pictures: dict[str, UUID]
    prepared: dict[str, Any]
    prepared_images: tuple[UUID, ...] = ()

    @property
    def input_images(self) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys((*self.pictures.values(), *self.prepared_images)))

    @property
    def image_count(self) -> int:
        """At most: a step that works on pictures runs once for each that the one before it made."""
        count, at_hand = 0, 1
        for step in self.steps:
            made = step.makes * (at_hand if step.on_each else 1)
            count += made
            at_hand = made if step.gives == "image" else at_hand
        return count


@dataclass(frozen=True)
class RunPlanOutput:
    """Every picture that was made, in the order of the steps, so that the last is the result.

    `pictures` are the picture and the mask at hand at the end, by name. `told` is what each step has to say,
    for the answer's text.
    """

    images: tuple[SavedImage, ...]
    model: str
    pictures: dict[str, UUID]
    told: tuple[dict[str, Any], ...]
    metadata: dict[str, Any]
