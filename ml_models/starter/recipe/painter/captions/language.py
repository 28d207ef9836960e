"""What a language needs in order to caption a scene."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from ml_models.starter.recipe.painter.subject import Subject

Phrases = dict[str, list[str]]


@dataclass(frozen=True)
class Language:
    """Words and a little grammar. In every list a repeat makes a phrase likelier, and "" leaves it out.

    `around` has each setting as it follows a subject, `times` the times of day; `conjunctions` join two
    subjects, `last` joins the last of three. `subject` says one subject, `background` a plain background, and
    `scenery` a scene without subjects, given its setting, time of day and the phrase for that time.
    """

    around: Phrases
    times: Phrases
    qualities: list[str]
    openings: list[str]
    conjunctions: list[str]
    last: str
    subject: Callable[[Subject, random.Random], str]
    background: Callable[[str, random.Random], str]
    scenery: Callable[[str, str | None, str, random.Random], str]

    def join(self, parts: list[str], r: random.Random) -> str:
        """The parts as one enumeration."""
        if len(parts) == 1:
            return parts[0]
        joint = r.choice(self.conjunctions)
        if len(parts) == 2:
            return joint.join(parts)
        return ", ".join(parts[:-1]) + self.last + parts[-1]
