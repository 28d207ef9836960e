"""Who is in a scene, where it is and at what time of day."""

import random
from dataclasses import dataclass

from ml_models.starter.recipe.painter.scenery.light import TIMES_OF_DAY
from ml_models.starter.recipe.painter.subject import Subject, subject
from ml_models.starter.recipe.painter.thing import SKY, UNDERWATER, WATER, Thing
from ml_models.starter.recipe.painter.things import CATALOGUE

TIME_WEIGHTS = (0.46, 0.19, 0.08, 0.16, 0.11)

# Repeats make a setting likelier.
SCENERY = """
    mountains mountains hill field forest snow desert sea sea beach lake city city sky sky room underwater
"""
FOR_GROUND = "hill hill field forest snow desert beach mountains lake city room"
FOR_SKY = "sky sky hill sea mountains field beach city desert snow"
FOR_WATER = "sea sea sea lake beach"
AT_HOME = {"cactus": ("desert", 0.5), "snowman": ("snow", 0.6)}
OVER_THE_SEA = "sun cloud rainbow bird balloon boat hot_air_balloon"

# up to which share of the scenes there are no things, one, and two; the rest have three
Crowd = tuple[float, float, float]
CROWDS: dict[str, Crowd] = {"usual": (0.13, 0.73, 0.96), "paired": (0.08, 0.48, 0.95)}

BACKGROUND_WEIGHTS = {
    "white": 5,
    "blue": 2,
    "green": 1.5,
    "pink": 1.6,
    "yellow": 1.6,
    "red": 1,
    "gray": 1.6,
    "black": 1.2,
    "orange": 1,
    "purple": 1,
    "brown": 0.4,
}


@dataclass(frozen=True)
class Cast:
    """What a scene consists of; `background` is a colour exactly when the setting is "plain"."""

    setting: str
    time: str
    background: str | None
    subjects: list[Subject]

    def has(self, *names: str) -> bool:
        """Whether any of these things is in the scene."""
        return any(s.name in names for s in self.subjects)


def choose_cast(r: random.Random, crowd: str = "usual") -> Cast:
    """Things in a setting that suits them.

    "usual" has none (13 %), one (60 %), two (23 %) or three (4 %); "paired" has none (8 %), one (40 %),
    two (47 %) or three (5 %), because two at once are what is hard to learn.
    """
    none, one, two = CROWDS[crowd]
    drawn = r.random()
    time = r.choices(TIMES_OF_DAY, TIME_WEIGHTS)[0]
    if drawn < none:
        return Cast(r.choice(SCENERY.split()), time, None, [])
    first = _any_thing(r, without=[])
    setting = _setting_for(first, r)
    background = None
    if setting == "plain":
        background = r.choices(list(BACKGROUND_WEIGHTS), list(BACKGROUND_WEIGHTS.values()))[0]
    subjects = [subject(first, background, r)]
    count = 1 if drawn < one else 2 if drawn < two else 3
    while len(subjects) < count:
        companion = _companion(setting, [s.name for s in subjects], r)
        if companion:
            subjects.append(subject(companion, background, r))
    return at_a_fitting_time(Cast(setting, time, background, subjects), r)


def _any_thing(r: random.Random, without: list[str]) -> Thing:
    weights = [thing.weight for thing in CATALOGUE.values()]
    while True:
        name = r.choices(list(CATALOGUE), weights)[0]
        if name not in without:
            return CATALOGUE[name]


def _setting_for(thing: Thing, r: random.Random) -> str:
    if r.random() < 0.34:
        return "plain"
    if UNDERWATER in thing.home:
        return "underwater" if r.random() < 0.85 else "sea"
    if WATER in thing.home:
        return r.choice(FOR_WATER.split())
    if thing.name in AT_HOME:
        home, share = AT_HOME[thing.name]
        if r.random() < share:
            return home
    if thing.home == SKY or (SKY in thing.home and r.random() < 0.35):
        return r.choice(FOR_SKY.split())
    return r.choice(FOR_GROUND.split())


def _companion(setting: str, present: list[str], r: random.Random) -> Thing | None:
    """Another thing for the setting, or None if what came up does not go with it."""
    thing = _any_thing(r, without=present)
    home = thing.home
    needs_water = UNDERWATER in home and setting not in ("underwater", "plain")
    needs_surface = WATER in home and setting not in ("sea", "lake", "beach", "plain")
    needs_ground = SKY not in home and setting == "sky"
    if needs_water or needs_surface or needs_ground:
        return None
    if setting == "underwater" and UNDERWATER not in home:
        thing = CATALOGUE["fish"]
    if setting == "sea" and not home & (SKY | WATER):
        thing = CATALOGUE[r.choice(OVER_THE_SEA.split())]
    if thing.name in present and setting != "underwater":
        return None
    return thing


def at_a_fitting_time(cast: Cast, r: random.Random) -> Cast:
    """The same cast by night where the moon shines, and by day under the sun or a rainbow."""
    time = cast.time
    indoors = cast.setting in ("plain", "room")
    if cast.has("moon") and not indoors and time not in ("night", "starry"):
        time = r.choice(["night", "starry"])
    if cast.has("sun", "rainbow"):
        time = "day"
    return Cast(cast.setting, time, cast.background, cast.subjects)
