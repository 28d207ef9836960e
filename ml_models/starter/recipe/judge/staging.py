"""The painter's own scene for a prompt: the best that a model which learns from the painter could do."""

import random

from PIL import Image

from ml_models.starter.recipe.judge.prompts import Prompt
from ml_models.starter.recipe.painter.cast import TIME_WEIGHTS, Cast, at_a_fitting_time
from ml_models.starter.recipe.painter.scene import staged
from ml_models.starter.recipe.painter.scenery.light import TIMES_OF_DAY
from ml_models.starter.recipe.painter.subject import Subject
from ml_models.starter.recipe.painter.things import CATALOGUE


def painted(prompt: Prompt, seed: int) -> Image.Image:
    """What the prompt asks for, 256 x 256 RGB; the seed decides all that it leaves open."""
    r = random.Random(seed)  # noqa: S311 - paints pictures, guards nothing
    time = prompt.time or r.choices(TIMES_OF_DAY, TIME_WEIGHTS)[0]
    subjects = [_subject(name, colour, prompt.background, r) for name, colour in prompt.things]
    cast = at_a_fitting_time(Cast(prompt.setting, time, prompt.background, subjects), r)
    return staged(cast, r).image


def _subject(name: str, colour: str | None, background: str | None, r: random.Random) -> Subject:
    thing = CATALOGUE[name]
    visible = [c for c in thing.colours if c != background] or list(thing.colours)
    return Subject(
        thing=thing,
        colour=colour or (r.choice(visible) if visible else None),
        names_colour=False,
        english=thing.english[0],
        vietnamese=thing.vietnamese[0],
        has_adjective=False,
    )
