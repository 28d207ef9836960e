"""What the painter knows about each kind of thing, written as a decorator on the function that draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto

from ml_models.starter.recipe.painter.colours import RGB
from ml_models.starter.recipe.painter.pen import Pen

Drawing = Callable[[Pen, RGB], None]

BRIGHT = "red orange yellow green blue purple pink"


class Home(Flag):
    """Where a thing may be in a scene."""

    GROUND = auto()
    SKY = auto()
    WATER = auto()
    UNDERWATER = auto()


GROUND, SKY, WATER, UNDERWATER = Home.GROUND, Home.SKY, Home.WATER, Home.UNDERWATER


@dataclass(frozen=True)
class Thing:
    """One kind of thing.

    A colour and a name are chosen evenly from theirs, so a repeat makes a choice likelier. A thing without
    colours has its own and is never called by one. Width is relative to a height of 1; weight is how often
    the thing is painted, relative to the others.
    """

    name: str
    draw: Drawing
    home: Home
    colours: tuple[str, ...]
    english: tuple[str, ...]
    vietnamese: tuple[str, ...]
    width: float
    weight: float
    flips: bool
    tilts: bool


REGISTERED: dict[str, Thing] = {}


def thing(
    home: Home,
    *,
    colours: str,
    english: str,
    vietnamese: str,
    width: float,
    weight: float = 1.0,
    flips: bool = True,
    tilts: bool = False,
) -> Callable[[Drawing], Drawing]:
    """Registers the decorated drawing under its function's name; names are separated by "|"."""

    def register(draw: Drawing) -> Drawing:
        name = draw.__name__
        names = tuple(english.split("|")), tuple(vietnamese.split("|"))
        REGISTERED[name] = Thing(
            name, draw, home, tuple(colours.split()), *names, width, weight, flips, tilts
        )
        return draw

    return register
