"""What a judge can say about a picture, as numbers."""

import numpy as np
from numpy.typing import NDArray

from ml_models.starter.recipe.painter import Info
from ml_models.starter.recipe.painter.colours import COLOURS
from ml_models.starter.recipe.painter.scenery import LANDSCAPES
from ml_models.starter.recipe.painter.scenery.light import TIMES_OF_DAY
from ml_models.starter.recipe.painter.things import CATALOGUE

THINGS = list(CATALOGUE)
COLOUR_NAMES = list(COLOURS)
# a plain background counts as a setting of its own in each colour
SETTINGS = [*LANDSCAPES, "room", "sky", "underwater", *(f"plain {colour}" for colour in COLOURS)]
LIGHTS = list(TIMES_OF_DAY)
ABSENT, UNCOLOURED = -2, -1

Labels = NDArray[np.int8]


def setting_name(kind: str, background: str | None) -> str:
    """The setting as SETTINGS has it."""
    return f"plain {background}" if background else kind


def encode(info: Info) -> Labels:
    """One row: each thing's colour (ABSENT, UNCOLOURED or its index), the setting, and the light or -1."""
    row = np.full(len(THINGS) + 2, ABSENT, np.int8)
    for name, colour in zip(info["objects"], info["colours"], strict=True):
        row[THINGS.index(name)] = COLOUR_NAMES.index(colour) if colour else UNCOLOURED
    row[-2] = SETTINGS.index(setting_name(info["kind"], info["background"]))
    row[-1] = LIGHTS.index(info["tod"]) if info["tod"] else -1
    return row
