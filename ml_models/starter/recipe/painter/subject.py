"""A subject: one thing in one scene, with the colour, size and place it has there."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ml_models.starter.recipe.painter.thing import Thing


@dataclass
class Subject:
    """One thing in a scene and what its caption will say about it.

    size is "small", "big" or None, place is "left", "right", "center" or None. The layout sets them, so what
    is said is what is seen.
    """

    thing: Thing
    colour: str | None
    names_colour: bool
    english: str
    vietnamese: str
    has_adjective: bool
    size: str | None = None
    place: str | None = None

    @property
    def name(self) -> str:
        """The thing's name in the catalogue."""
        return self.thing.name


def subject(thing: Thing, background: str | None, r: random.Random) -> Subject:
    """A thing in a colour of its own that stands out from the plain background, if there is one.

    A colour is named four times in five, and never where the thing has only one.
    """
    visible = [c for c in thing.colours if c != background]
    colours: Sequence[str | None] = visible or thing.colours or (None,)
    return Subject(
        thing=thing,
        colour=r.choice(colours),
        names_colour=len(set(thing.colours)) > 1 and r.random() < 0.78,
        english=r.choice(thing.english),
        vietnamese=r.choice(thing.vietnamese),
        has_adjective=r.random() < 0.18 and thing.name not in ("sun", "moon"),
    )
