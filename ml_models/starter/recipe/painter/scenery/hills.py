"""Mountains, hills, fields and dunes. Each paints the ground and returns the height at which things stand."""

import math

from ml_models.starter.recipe.painter.colours import RGB, darken, lighten, mix
from ml_models.starter.recipe.painter.pen import gradient
from ml_models.starter.recipe.painter.scenery.view import View
from ml_models.starter.recipe.painter.things.plants import cactus, tree


def mountains(view: View) -> float:
    """Snow-capped peaks behind green foothills."""
    meadow = (112, 176, 96)
    view.peaks(view.horizon + 0.05, 0.3, view.lit((150, 166, 200)))
    count = view.r.choice([2, 3])
    for i in range(count):
        x = (i + 0.5) / count + view.r.uniform(-0.1, 0.1)
        _peak(view, x, view.r.uniform(0.3, 0.44), view.r.uniform(0.26, 0.36))
    view.ridge(view.horizon + 0.1, 0.06, 5, view.lit(mix(meadow, (40, 90, 80), 0.3)))
    view.ridge(view.horizon + 0.2, 0.07, 4, view.lit(meadow))
    return 0.9


def _peak(view: View, x: float, height: float, width: float) -> None:
    rock, foot = view.lit((104, 118, 160)), view.horizon + 0.06
    top = foot - height
    view.pen.polygon([(x - width, foot), (x, top), (x + width, foot)], rock)
    shadow = [(x, top), (x + width, foot), (x + width * 0.15, foot), (x - 0.02, foot - height * 0.6)]
    view.pen.polygon(shadow, darken(rock, 0.18))
    rim, tongue = width * 0.3, width * 0.12
    high, low = foot - height * 0.8, foot - height * (1 - 0.3)
    snow = [
        (x, top),
        (x + rim, low),
        (x + tongue, high),
        (x, foot - height * 0.68),
        (x - tongue, high),
        (x - rim, low),
    ]
    view.pen.polygon(snow, view.lit((248, 250, 255)))


def hill(view: View) -> float:
    """Green hills, the nearest with its crest in the middle and tufts of grass."""
    grass, r = (104, 182, 88), view.r
    view.ridge(view.horizon + 0.06, 0.14, 6, view.lit(mix(grass, (120, 180, 190), 0.45)))
    view.ridge(view.horizon + 0.12, 0.12, 5, view.lit(mix(grass, (70, 150, 110), 0.35)))
    view.ridge(0.84, 0.13, 3, view.lit(grass), phase=math.pi / 2 - 3 * 0.5)
    for _ in range(5):
        x, y = r.uniform(0.03, 0.97), r.uniform(0.88, 0.97)
        blades = [(-0.012, 0.0), (-0.016, -0.03), (0.0, -0.012), (0.006, -0.04), (0.014, 0.0)]
        view.pen.polygon([(x + dx, y + dy) for dx, dy in blades], view.lit(darken(grass, 0.18)))
    return 0.86


def field(view: View) -> float:
    """A field whose rows meet at the horizon, with a tree on either side."""
    crop = (150, 196, 84)
    stops: list[RGB] = [view.lit(lighten(crop, 0.2)), view.lit(crop), view.lit(darken(crop, 0.1))]
    gradient(view.canvas, stops, view.horizon, 1)
    for i in range(-6, 7):
        far, near = 0.5 + i * 0.045, 0.5 + i * 0.24
        row = [(far, view.horizon), (far + 0.012, view.horizon), (near + 0.06, 1.0), (near, 1.0)]
        view.pen.polygon(row, view.lit(mix(crop, (226, 206, 90), 0.35)))
    for x in (0.08, 0.9):
        tree(view.stand(x, view.horizon + 0.01, 0.14), view.lit((84, 150, 76)))
    return 0.88


def desert(view: View) -> float:
    """Sand dunes with two cacti far off."""
    sand, r = (238, 192, 116), view.r
    view.ridge(view.horizon + 0.06, 0.1, 5, view.lit(mix(sand, (216, 140, 100), 0.5)))
    view.ridge(view.horizon + 0.14, 0.12, 5, view.lit(darken(sand, 0.1)))
    view.ridge(0.85, 0.14, 4, view.lit(sand))
    for _ in range(2):
        x = r.choice([0.08, 0.92]) + r.uniform(-0.04, 0.04)
        far = view.stand(x, view.horizon + r.uniform(0.1, 0.16), r.uniform(0.1, 0.15))
        cactus(far, view.lit((86, 150, 84)))
    return 0.89
