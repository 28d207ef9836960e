"""How well a judge sees: its marks on painted scenes that it has not learned from."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ml_models.starter.recipe.judge.classifier import Classifier
from ml_models.starter.recipe.judge.labels import (
    ABSENT,
    COLOUR_NAMES,
    LIGHTS,
    SETTINGS,
    THINGS,
    Labels,
)
from ml_models.starter.recipe.judge.lessons import EXAM_SEEDS, lessons
from ml_models.starter.recipe.judge.looking import Sight, look

EXAM_SCENES = 1000


@dataclass(frozen=True)
class Marks:
    """Shares of held-out scenes that the judge reads right.

    things: the one thing of scenes with one; both_of_two: both of scenes with two, as the judge's likeliest;
    colours: of all coloured things; settings: of all scenes; lights: of those with a time of day.
    """

    scenes: int
    things: float
    both_of_two: float
    colours: float
    settings: float
    lights: float


def examine(classifier: Classifier, work: Path, jobs: int = 1, scenes: int = EXAM_SCENES) -> Marks:
    """The judge's marks on `scenes` held-out scenes."""
    exam = lessons(work, EXAM_SEEDS, scenes, jobs)
    pairs = list(zip(look(classifier, exam.pictures), exam.labels, strict=True))
    return Marks(
        scenes=scenes,
        things=_share(_all_things(sight, row) for sight, row in pairs if _crowd(row) == 1),
        both_of_two=_share(_all_things(sight, row) for sight, row in pairs if _crowd(row) == 2),
        colours=_share(right for sight, row in pairs for right in _colours(sight, row)),
        settings=_share(sight.setting == SETTINGS[row[-2]] for sight, row in pairs),
        lights=_share(sight.light == LIGHTS[row[-1]] for sight, row in pairs if row[-1] >= 0),
    )


def _crowd(row: Labels) -> int:
    return int((row[:-2] > ABSENT).sum())


def _all_things(sight: Sight, row: Labels) -> bool:
    there = {thing for thing, colour in zip(THINGS, row, strict=False) if colour > ABSENT}
    return set(sight.things[: len(there)]) == there


def _colours(sight: Sight, row: Labels) -> list[bool]:
    named = [(thing, colour) for thing, colour in zip(THINGS, row, strict=False) if colour >= 0]
    return [sight.colours[thing] == COLOUR_NAMES[colour] for thing, colour in named]


def _share(answers: Iterable[bool]) -> float:
    given = list(answers)
    return sum(given) / len(given) if given else float("nan")
