"""The settings: thirteen places and plain backgrounds."""

import random
from collections.abc import Callable

from PIL import Image

from ml_models.starter.recipe.painter.colours import background, darken, lighten
from ml_models.starter.recipe.painter.pen import CANVAS, Pen, gradient
from ml_models.starter.recipe.painter.scenery.city import city
from ml_models.starter.recipe.painter.scenery.hills import desert, field, hill, mountains
from ml_models.starter.recipe.painter.scenery.room import room
from ml_models.starter.recipe.painter.scenery.sky import sky
from ml_models.starter.recipe.painter.scenery.view import View
from ml_models.starter.recipe.painter.scenery.water import beach, sea, underwater
from ml_models.starter.recipe.painter.scenery.woods import forest, lake, snow

# where the horizon usually is, and what is painted below it
LANDSCAPES: dict[str, tuple[float, Callable[[View], float]]] = {
    "mountains": (0.62, mountains),
    "hill": (0.62, hill),
    "field": (0.58, field),
    "forest": (0.6, forest),
    "snow": (0.62, snow),
    "desert": (0.6, desert),
    "sea": (0.55, sea),
    "beach": (0.5, beach),
    "lake": (0.52, lake),
    "city": (0.74, city),
}


def paint_background(canvas: Image.Image, name: str, r: random.Random) -> float:
    """Fills the canvas with a plain colour, now and then with a soft gradient of it."""
    colour = background(name)
    if r.random() < 0.5:
        gradient(canvas, [lighten(colour, 0.06), colour, colour, darken(colour, 0.05)])
    else:
        canvas.paste(colour, (0, 0, CANVAS, CANVAS))
    return 0.84


def paint_setting(canvas: Image.Image, setting: str, time: str, r: random.Random, clear: bool) -> float:
    """Paints a place at a time of day and returns the height (0 top, 1 bottom) at which things stand in it.

    A clear sky leaves out clouds, sun and moon, because the scene has its own.
    """
    if setting == "room":
        return room(canvas, r, time)
    if setting == "underwater":
        return underwater(canvas, r)
    if setting == "sky":
        sky(View(canvas, Pen(canvas), time, r, horizon=1.0), clear)
        return 0.8
    usual_horizon, ground = LANDSCAPES[setting]
    view = View(canvas, Pen(canvas), time, r, usual_horizon + r.uniform(-0.02, 0.02))
    sky(view, clear)
    return ground(view)
