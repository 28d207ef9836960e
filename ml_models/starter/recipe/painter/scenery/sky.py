"""The sky at each time of day."""

from ml_models.starter.recipe.painter.colours import PURE_WHITE, RGB, vary
from ml_models.starter.recipe.painter.pen import Pen, gradient
from ml_models.starter.recipe.painter.scenery.light import SKIES
from ml_models.starter.recipe.painter.scenery.view import View
from ml_models.starter.recipe.painter.things.celestial import cloud, full_moon, moon, sun


def sky(view: View, clear: bool) -> None:
    """Paints the sky down to the horizon.

    A clear one has no clouds and neither sun nor moon at day and at night: the scene brings its own.
    """
    stops = [vary(stop, view.r, 6) for stop in SKIES[view.time]]
    gradient(view.canvas, stops, 0, max(0.3, min(1, view.horizon + 0.04)))
    light_x = view.r.choice([0.2, 0.3, 0.5, 0.7, 0.8]) + view.r.uniform(-0.05, 0.05)
    if view.time == "sunset":
        _sunset(view, light_x)
    elif view.time == "sunrise":
        _sunrise(view, light_x)
    elif view.time == "day" and not clear:
        _day(view)
    elif view.time == "night":
        _night(view, light_x, clear)
    elif view.time == "starry":
        _starry(view)


def _day(view: View) -> None:
    r = view.r
    if r.random() < 0.45:
        sun(view.stand(r.choice([0.17, 0.83]), 0.27, 0.23), PURE_WHITE)
    for _ in range(r.choice([1, 2, 2, 3])):
        x, y = r.uniform(0.05, 0.95), r.uniform(0.14, max(0.16, view.horizon * 0.65))
        cloud(view.stand(x, y, r.uniform(0.16, 0.3)), PURE_WHITE)


def _sunset(view: View, light_x: float) -> None:
    r, pen, horizon = view.r, view.pen, view.horizon
    _glowing_disc(pen, light_x, horizon - r.uniform(-0.01, 0.09), (255, 226, 130), (255, 190, 110))
    for _ in range(3):
        x, y, w = r.uniform(0, 1), r.uniform(0.12, max(0.15, horizon - 0.15)), r.uniform(0.12, 0.24)
        pen.rectangle(x - w, y, x + w, y + 0.016, (255, 150, 120, 130), radius=0.008)
        pen.rectangle(x - w * 0.6, y + 0.02, x + w * 0.9, y + 0.034, (255, 170, 120, 120), radius=0.007)


def _sunrise(view: View, light_x: float) -> None:
    r, pen, horizon = view.r, view.pen, view.horizon
    _glowing_disc(pen, light_x, horizon - r.uniform(-0.02, 0.05), (255, 246, 190), (255, 240, 180))
    for _ in range(2):
        x, y, w = r.uniform(0, 1), r.uniform(0.1, max(0.12, horizon - 0.2)), r.uniform(0.1, 0.2)
        pen.rectangle(x - w, y, x + w, y + 0.018, (255, 236, 226, 170), radius=0.009)


def _night(view: View, light_x: float, clear: bool) -> None:
    _stars(view, 26)
    if clear:
        return
    pen = view.stand(light_x, view.r.uniform(0.26, 0.32), 0.2)
    if view.r.random() < 0.6:
        moon(pen, PURE_WHITE)
    else:
        full_moon(pen)


def _starry(view: View) -> None:
    for k in range(6):
        t = k / 5
        view.pen.ellipse(0.1 + 0.8 * t, 0.45 - 0.34 * t, 0.2, 0.07, (150, 130, 220, 26), tilt=-0.4)
    _stars(view, 95)


def _glowing_disc(pen: Pen, x: float, y: float, colour: RGB, glow: RGB) -> None:
    radius = 0.1
    for k in range(5, 0, -1):
        halo = radius * (1 + 0.28 * k)
        pen.ellipse(x, y, halo, halo, (*glow, 22))
    pen.ellipse(x, y, radius, radius, colour)


def _stars(view: View, count: int) -> None:
    r, pen = view.r, view.pen
    for _ in range(count):
        x, y, radius = r.uniform(0, 1), r.uniform(0, view.horizon), r.choice([0.0026, 0.0034, 0.0046])
        pen.ellipse(x, y, radius, radius, (255, 250, 226))
    for _ in range(count // 9):
        x, y, q = r.uniform(0.03, 0.97), r.uniform(0.02, view.horizon), r.uniform(0.011, 0.018)
        waist = q * 0.25
        upper = [(x - q, y), (x - waist, y - waist), (x, y - q), (x + waist, y - waist)]
        lower = [(x + q, y), (x + waist, y + waist), (x, y + q), (x - waist, y + waist)]
        pen.polygon(upper + lower, (255, 246, 200))
