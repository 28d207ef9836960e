"""What an intent declares: the ways to say it, its parameters, and the operation that does it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.ai_gateway.operations import Gives
from apps.ai_gateway.understanding.frames import Frame
from core.api.fields import LONGEST_PROMPT
from core.images.picture import Picture

GENERIC_TARGETS = frozenset({"picture", "none", "thing"})

Pictures = Mapping[str, Picture]
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Sign:
    """One way to say it, in concepts of the lexicon (see `understanding.frames.Frame`), separated by spaces.

    `verbs`: any of these is the verb ("-": there is none); `on`: any of these is its target; `has`: all of
    these are in the clause, where `a|b` is either; `lacks`: none of these is. `weight` is added to what the
    parts themselves weigh.
    """

    verbs: str = ""
    on: str = ""
    has: str = ""
    lacks: str = ""
    weight: float = 0.0

    def score(self, frame: Frame) -> float:
        """How strongly `frame` says it; 0 where it does not."""
        score = self.weight
        if self.verbs:
            if frame.verb not in self.verbs.split() and not (self.verbs == "-" and not frame.verb):
                return 0
            score += 0 if self.verbs == "-" else 1.2
        if self.on:
            if frame.target not in self.on.split():
                return 0
            score += 0.6 if frame.target in GENERIC_TARGETS else 1.5
        for wanted in self.has.split():
            if not frame.has.intersection(wanted.split("|")):
                return 0
            score += 1
        return 0 if frame.has.intersection(self.lacks.split()) else score


@dataclass(frozen=True)
class Parameter:
    """Something that a request may say. `read` finds it in a clause; None is "not said"."""

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    about: str
    read: Callable[[Frame], Any]
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""  # of the whole text
    # The person's own word for it is needed: a language model may not say it for them.
    own_word: bool = False

    def valid(self, value: object) -> bool:
        """Whether `value` is one that this parameter may have, wherever it comes from."""
        if isinstance(value, bool) or self.kind is bool:
            return self.kind is bool and isinstance(value, bool)
        if not isinstance(value, (int, float) if self.kind is float else self.kind):
            return False
        if isinstance(value, str):
            return (
                0 < len(value) <= (self.maximum or LONGEST_PROMPT)
                and (not self.choices or value in self.choices)
                and (not self.pattern or re.fullmatch(self.pattern, value) is not None)
            )
        return (self.minimum is None or value >= self.minimum) and (
            self.maximum is None or value <= self.maximum
        )


@dataclass(frozen=True)
class Intent:
    """One thing that can be asked for.

    `does` says it in English and in Vietnamese, as an infinitive without "to"; `done` says that it was.
    `pictures` are the fields of the request it cannot do without, `optional` those it can use; of each tuple
    in `required` one parameter, or picture, has to be there. `fields` makes the operation's fields of both.
    """

    name: str
    does: tuple[str, str]
    done: tuple[str, str]
    examples: tuple[str, ...]
    signs: tuple[Sign, ...] = ()
    operation: str = ""
    parameters: tuple[Parameter, ...] = ()
    pictures: tuple[str, ...] = ("image",)
    optional: tuple[str, ...] = ()
    required: tuple[tuple[str, ...], ...] = ()
    fields: Callable[[Parameters, Pictures], dict[str, Any]] = field(
        default=lambda parameters, pictures: {**pictures, **parameters}
    )
    # How many pictures one run of it makes, and what they are for the steps behind it.
    makes: Callable[[Parameters], int] = field(default=lambda parameters: 1)
    gives: Gives = "image"
    # The parameter that is a prompt for a picture and is refined before it is used.
    refines: str = ""
    # The attributes of its output that `done` speaks of.
    tells: tuple[str, ...] = ()
    # What has to be made first for these parameters: no step that was asked for, so not one of the plan.
    first: Callable[[Parameters], "First | None"] = field(default=lambda parameters: None)

    @property
    def uses_image(self) -> bool:
        """Whether it works on a picture that is at hand."""
        return "image" in self.pictures or "image" in self.optional

    def operation_fields(self, parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
        """The fields of its operation's `prepare`, from what was said and the pictures at hand."""
        used = {name: pictures[name] for name in (*self.pictures, *self.optional) if name in pictures}
        return self.fields(parameters, used)

    def score(self, frame: Frame) -> float:
        """How strongly `frame` says this intent."""
        return max((sign.score(frame) for sign in self.signs), default=0)

    def read(self, frame: Frame) -> dict[str, Any]:
        """The parameters that `frame` says, valid ones only."""
        said = {parameter.name: parameter.read(frame) for parameter in self.parameters}
        return {
            parameter.name: said[parameter.name]
            for parameter in self.parameters
            if said[parameter.name] is not None and parameter.valid(said[parameter.name])
        }

    def needs(self, parameters: Parameters, pictures: frozenset[str]) -> list[str]:
        """What is missing: names of picture fields and of parameters."""
        missing = [name for name in self.pictures if name not in pictures]
        at_hand = pictures.union(name for name, value in parameters.items() if value is not False)
        return missing + [group[0] for group in self.required if not at_hand.intersection(group)]


@dataclass(frozen=True)
class First:
    """A picture to be made before a step can be: by which intent, and under which name the step finds it."""

    intent: str
    parameters: dict[str, Any]
    gives: Gives
