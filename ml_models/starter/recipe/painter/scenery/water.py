"""The open sea, the beach and the world below. Each returns the height at which things stand or float."""

import math
import random

import numpy as np
from PIL import Image

from ml_models.starter.recipe.painter.colours import PURE_WHITE, mix
from ml_models.starter.recipe.painter.pen import Pen, gradient
from ml_models.starter.recipe.painter.scenery.view import View


def sea(view: View) -> float:
    """The open sea."""
    _waves(view, spacing=0.085)
    return 0.82


def beach(view: View) -> float:
    """A sandy beach by the sea, at times with a palm."""
    _waves(view, spacing=0.045)
    shore = [(-0.1, 0.80), (0.2, 0.75), (0.5, 0.77), (0.8, 0.73), (1.1, 0.76)]
    below = [(1.3, 1.3), (-0.3, 1.3)]
    view.pen.blob([(x, y - 0.02) for x, y in shore] + below, view.lit((244, 250, 252)))
    view.pen.blob(shore + below, view.lit((246, 222, 164)))
    if view.r.random() < 0.5:
        _palm(view, view.r.choice([0.1, 0.9]))
    return 0.91


def _waves(view: View, spacing: float) -> None:
    r, pen, horizon = view.r, view.pen, view.horizon
    deep, shallow = view.lit((30, 112, 184)), view.lit((84, 186, 214))
    gradient(view.canvas, [deep, shallow], horizon, 1)
    if view.time in ("sunset", "sunrise"):
        for i in range(6):
            y, w = horizon + 0.02 + i * 0.045, 0.1 - i * 0.008
            pen.rectangle(0.5 - w, y, 0.5 + w, y + 0.014, (255, 214, 140, 150), radius=0.007)
    for i in range(5):
        y = horizon + 0.05 + i * spacing
        phase = r.uniform(0, 1)
        crest = [(x, y + 0.008 * math.sin(x * 40 + phase * 6)) for x in np.linspace(-0.02, 1.02, 60)]
        pen.line(crest, 0.007 + 0.0015 * i, mix(shallow, PURE_WHITE, 0.35))


def _palm(view: View, x: float) -> None:
    lean = 0.05 * (1 if x < 0.5 else -1)
    trunk = [(x, 0.86), (x + 0.02, 0.7), (x + lean, 0.52)]
    view.pen.line(trunk, 0.028, view.lit((150, 104, 66)), curved=True)
    cx, cy = x + lean, 0.51
    for a in (-2.7, -2.1, -1.2, -0.5, 0.1):
        frond = [
            (cx, cy),
            (cx + 0.09 * math.cos(a), cy + 0.07 * math.sin(a) - 0.025),
            (cx + 0.17 * math.cos(a), cy + 0.12 * math.sin(a) + 0.035),
            (cx + 0.08 * math.cos(a), cy + 0.06 * math.sin(a) + 0.01),
        ]
        view.pen.blob(frond, view.lit((64, 150, 84)))


def underwater(canvas: Image.Image, r: random.Random) -> float:
    """The sea floor with weeds, bubbles and shafts of light."""
    pen = Pen(canvas)
    gradient(canvas, [(96, 206, 232), (36, 130, 196), (18, 78, 150)])
    for x in (0.15, 0.45, 0.8):
        shaft = [(x, 0), (x + 0.08, 0), (x + 0.2, 0.8), (x - 0.02, 0.8)]
        pen.polygon(shaft, (*PURE_WHITE, 20))
    pen.blob("-.1,.92 .25,.87 .6,.92 1.1,.87 1.1,1.1 -.1,1.1", (232, 206, 146))
    for x in (r.choice([0.08, 0.16]), r.choice([0.86, 0.93])):
        for shift in (-0.03, 0.02, 0.06):
            _weed(pen, x + shift, r.uniform(0.16, 0.3), r)
    for _ in range(6):
        x, y, radius = r.uniform(0, 1), r.uniform(0.05, 0.8), r.uniform(0.008, 0.018)
        rim = radius * 0.15
        pen.ellipse(x, y, radius, radius, (200, 238, 250))
        pen.ellipse(x + rim, y + rim, radius * 0.7, radius * 0.7, (90, 180, 224))
    return 0.75


def _weed(pen: Pen, x: float, height: float, r: random.Random) -> None:
    foot = 0.95
    stem = [
        (x, foot),
        (x + 0.025, foot - height * 0.4),
        (x - 0.02, foot - height * 0.7),
        (x + 0.015, foot - height),
    ]
    pen.line(stem, 0.022, r.choice([(46, 160, 110), (60, 180, 120)]), curved=True)
