"""One captioned picture per seed."""

import random
from typing import NamedTuple, TypedDict

from PIL import Image

from ml_models.starter.recipe.painter.captions import caption
from ml_models.starter.recipe.painter.cast import Cast, choose_cast
from ml_models.starter.recipe.painter.colours import COLOURS, PURE_WHITE, vary
from ml_models.starter.recipe.painter.layout import Placement, place
from ml_models.starter.recipe.painter.pen import CANVAS, OVERSAMPLING, Pen
from ml_models.starter.recipe.painter.scenery import paint_background, paint_setting
from ml_models.starter.recipe.painter.subject import Subject
from ml_models.starter.recipe.painter.thing import WATER

# these read as themselves only when they are exact
EXACT_COLOURS = ("white", "black", "yellow", "orange", "green", "red")


class Info(TypedDict):
    """What a scene shows, in the painter's words.

    kind is the setting, tod the time of day where it has one, colours has each object's colour (None where it
    has its own), and background the colour of a plain background.
    """

    kind: str
    tod: str | None
    objects: list[str]
    colours: list[str | None]
    background: str | None


class Scene(NamedTuple):
    """A 256 x 256 RGB picture, its caption ("" for one in ten) and what it shows."""

    image: Image.Image
    caption: str
    info: Info


def scene(seed: int, crowd: str = "usual") -> Scene:
    """The scene of that seed, the same on every machine.

    docs/starter.md says which seeds of which crowd (see CROWDS) the shipped weights were trained on.
    """
    r = random.Random(seed * 7919 + 13)  # noqa: S311 - paints pictures, guards nothing
    return staged(choose_cast(r, crowd), r)


def staged(cast: Cast, r: random.Random) -> Scene:
    """A scene with this cast; everything that the cast leaves open is drawn from `r`."""
    canvas = Image.new("RGB", (CANVAS, CANVAS), PURE_WHITE)
    ground = _paint_surroundings(canvas, cast, r)
    for placement in place(cast, ground, r):
        _paint(canvas, placement, r)
        if WATER in placement.subject.thing.home and cast.setting in ("sea", "lake", "beach"):
            wave = Pen(canvas, placement.x, placement.y, placement.size)
            wave.line("-.5,0 -.3,.012 0,0 .3,.012 .5,0", 0.03, (226, 242, 250), curved=True)
    subjects = _in_order_of_mention(cast.subjects, r)
    time = None if cast.setting in ("plain", "underwater") else cast.time
    text = caption(subjects, cast.setting, time, cast.background, r)
    info = Info(
        kind=cast.setting,
        tod=time,
        objects=[s.name for s in subjects],
        colours=[s.colour for s in subjects],
        background=cast.background,
    )
    return Scene(canvas.reduce(OVERSAMPLING), text, info)


def _paint_surroundings(canvas: Image.Image, cast: Cast, r: random.Random) -> float:
    if cast.background:
        return paint_background(canvas, cast.background, r)
    clear = cast.has("sun", "moon", "rainbow", "cloud")
    return paint_setting(canvas, cast.setting, cast.time, r, clear)


def _paint(canvas: Image.Image, placement: Placement, r: random.Random) -> None:
    subject, thing = placement.subject, placement.subject.thing
    colour = COLOURS[subject.colour] if subject.colour else PURE_WHITE
    if subject.colour not in EXACT_COLOURS:
        colour = vary(colour, r, 4)
    flipped = r.random() < 0.5 and thing.flips
    tilt = r.uniform(-0.05, 0.05) if thing.tilts else 0.0
    foot = placement.x, placement.y, placement.size
    if placement.shadow:
        Pen(canvas, *foot).ellipse(0, 0, thing.width * 0.46, 0.045, (20, 16, 50, 58))
    thing.draw(Pen(canvas, *foot, flipped, tilt), colour)


def _in_order_of_mention(subjects: list[Subject], r: random.Random) -> list[Subject]:
    swapped = len(subjects) > 1 and r.random() < 0.4 and not any(s.place for s in subjects)
    return subjects[::-1] if swapped else subjects
