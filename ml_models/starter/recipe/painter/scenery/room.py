"""Indoors."""

import random

from PIL import Image

from ml_models.starter.recipe.painter.colours import RGB, darken, lighten
from ml_models.starter.recipe.painter.pen import CANVAS, Pen
from ml_models.starter.recipe.painter.scenery.light import WINDOWS

FRAME: RGB = (255, 252, 246)
WALLS: list[RGB] = [(246, 226, 200), (206, 226, 220), (226, 214, 236), (250, 214, 196), (206, 220, 240)]
FLOORS: list[RGB] = [(190, 134, 86), (164, 112, 74), (208, 160, 112)]
PRINTS: list[RGB] = [(222, 110, 90), (90, 150, 170), (236, 180, 90)]
RUGS: list[RGB] = [(214, 110, 100), (120, 150, 190), (236, 214, 170)]


def room(canvas: Image.Image, r: random.Random, time: str) -> float:
    """A room with a window, a picture and at times a rug; returns the height at which things stand."""
    pen, wall, floor = Pen(canvas), r.choice(WALLS), r.choice(FLOORS)
    canvas.paste(wall, (0, 0, CANVAS, CANVAS))
    pen.rectangle(0, 0.7, 1, 1, floor)
    pen.rectangle(0, 0.685, 1, 0.71, FRAME)
    for y in (0.77, 0.86, 0.96):
        pen.line([(0, y), (1, y)], 0.005, darken(floor, 0.2))
    x = r.choice([0.2, 0.8])
    _window(pen, x, WINDOWS[time])
    _picture(pen, 1 - x, r.choice(PRINTS))
    if r.random() < 0.6:
        pen.ellipse(0.5, 0.9, 0.38, 0.07, r.choice(RUGS))
    return 0.88


def _window(pen: Pen, x: float, glass: RGB) -> None:
    pen.rectangle(x - 0.14, 0.12, x + 0.14, 0.45, FRAME)
    pen.rectangle(x - 0.12, 0.14, x + 0.12, 0.43, glass)
    pen.rectangle(x - 0.008, 0.14, x + 0.008, 0.43, FRAME)
    pen.rectangle(x - 0.12, 0.278, x + 0.12, 0.292, FRAME)


def _picture(pen: Pen, x: float, colour: RGB) -> None:
    pen.rectangle(x - 0.1, 0.18, x + 0.1, 0.38, (150, 104, 70))
    pen.rectangle(x - 0.085, 0.195, x + 0.085, 0.365, lighten(colour, 0.5))
    pen.ellipse(x, 0.29, 0.045, 0.045, colour)
