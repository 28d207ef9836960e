"""A skyline above a street."""

import numpy as np

from ml_models.starter.recipe.painter.colours import PURE_WHITE, RGB, mix
from ml_models.starter.recipe.painter.scenery.view import View


def city(view: View) -> float:
    """Two rows of towers and a street in front; returns the height at which things stand."""
    _row(view, (150, 168, 196), 0.28, 0.46, every_tower_has_windows=False)
    _row(view, (86, 102, 138), 0.16, 0.34, every_tower_has_windows=True)
    view.pen.rectangle(0, view.horizon, 1, 1, view.lit((120, 126, 138)))
    view.pen.rectangle(0, view.horizon + 0.045, 1, 1, view.lit((84, 88, 100)))
    for x in np.arange(-0.04, 1, 0.2):
        view.pen.rectangle(x, 0.9, x + 0.11, 0.915, view.lit((240, 232, 200)))
    return 0.88


def _row(view: View, colour: RGB, lowest: float, highest: float, every_tower_has_windows: bool) -> None:
    r, wall = view.r, view.lit(colour)
    x = -0.03
    while x < 1.02:
        width, height = r.uniform(0.085, 0.14), r.uniform(lowest, highest)
        top = view.horizon - height
        view.pen.rectangle(x, top, x + width, view.horizon + 0.02, wall)
        if r.random() < 0.3:
            view.pen.rectangle(x + width * 0.45, top - 0.05, x + width * 0.55, top, wall)
        if every_tower_has_windows or r.random() < 0.5:
            _windows(view, x, top, width, wall)
        x += width + r.uniform(0.0, 0.012)


def _windows(view: View, left: float, top: float, width: float, wall: RGB) -> None:
    lamps_are_on = view.time in ("night", "starry", "sunset")
    glass = (255, 222, 120) if lamps_are_on else mix(wall, PURE_WHITE, 0.4)
    for y in np.arange(top + 0.025, view.horizon - 0.04, 0.045):
        for x in (left + width * 0.2, left + width * 0.58):
            if view.r.random() < 0.62:
                view.pen.rectangle(x, y, x + width * 0.2, y + 0.022, glass)
