"""House, chair, cup and umbrella."""

import math

import numpy as np

from ml_models.starter.recipe.painter.colours import PURE_WHITE, RGB, darken, lighten
from ml_models.starter.recipe.painter.pen import Pen
from ml_models.starter.recipe.painter.thing import BRIGHT, GROUND, thing


@thing(
    GROUND,
    colours="red red blue green orange brown purple",
    english="house|house|home|cottage",
    vietnamese="ngôi nhà|căn nhà",
    width=0.95,
    weight=1.5,
    flips=False,
)
def house(pen: Pen, colour: RGB) -> None:
    """A house with a chimney; the colour is the roof's."""
    wall, glass = (250, 236, 208), (132, 198, 236)
    pen.rectangle(0.2, -0.98, 0.31, -0.62, (170, 92, 74))
    pen.rectangle(0.185, -1.0, 0.325, -0.94, (140, 72, 60))
    pen.rectangle(-0.38, -0.56, 0.38, 0, wall)
    pen.rectangle(-0.38, -0.56, 0.38, -0.51, darken(wall, 0.18))
    pen.polygon("-.5,-.54 0,-.98 .5,-.54", colour)
    pen.polygon("-.5,-.54 -.44,-.54 0,-.93 .44,-.54 .5,-.54 0,-.98", darken(colour, 0.25))
    pen.rectangle(-0.09, -0.33, 0.09, 0, (134, 84, 54), radius=0.012)
    pen.ellipse(0.05, -0.16, 0.017, 0.017, (250, 210, 90))
    for x in (-0.24, 0.24):
        pen.rectangle(x - 0.085, -0.4, x + 0.085, -0.2, PURE_WHITE)
        pen.rectangle(x - 0.065, -0.38, x + 0.065, -0.22, glass)
        pen.rectangle(x - 0.009, -0.38, x + 0.009, -0.22, PURE_WHITE)
        pen.rectangle(x - 0.065, -0.308, x + 0.065, -0.292, PURE_WHITE)
    pen.ellipse(0, -0.69, 0.065, 0.065, PURE_WHITE)
    pen.ellipse(0, -0.69, 0.047, 0.047, glass)


@thing(
    GROUND,
    colours="brown red blue green yellow gray",
    english="chair",
    vietnamese="cái ghế|chiếc ghế",
    width=0.7,
    weight=1.1,
)
def chair(pen: Pen, colour: RGB) -> None:
    """A chair, seen from the front."""
    shade = darken(colour, 0.3)
    pen.line("-.18,-.36 -.15,-.03", 0.055, shade)
    pen.line(".18,-.36 .15,-.03", 0.055, shade)
    pen.rectangle(-0.27, -1.0, 0.27, -0.46, colour, radius=0.07)
    pen.rectangle(-0.2, -0.94, 0.2, -0.54, lighten(colour, 0.25), radius=0.05)
    for x in (-0.09, 0.09):
        pen.rectangle(x - 0.012, -0.94, x + 0.012, -0.5, colour)
    pen.line("-.29,-.36 -.31,0", 0.065, colour)
    pen.line(".29,-.36 .31,0", 0.065, colour)
    pen.blob("-.25,-.5 .25,-.5 .34,-.4 .33,-.35 -.33,-.35 -.34,-.4", lighten(colour, 0.12))
    pen.rectangle(-0.34, -0.38, 0.34, -0.31, shade, radius=0.025)


@thing(
    GROUND,
    colours="white red blue green yellow pink orange",
    english="cup|cup|mug|cup of coffee|coffee cup",
    vietnamese="cái cốc|cái ly|tách cà phê",
    width=0.8,
    weight=1.1,
)
def cup(pen: Pen, colour: RGB) -> None:
    """A cup of steaming coffee."""
    shade = darken(colour, 0.18)
    pen.arc(0.28, -0.33, 0.16, 0.155, -80, 90, 0.07, shade)
    pen.blob("-.3,-.57 -.3,-.2 -.22,-.03 0,0 .22,-.03 .3,-.2 .3,-.57 0,-.56", colour)
    pen.rectangle(-0.305, -0.6, 0.305, -0.4, colour, radius=0.03)
    pen.ellipse(0, -0.6, 0.305, 0.075, lighten(colour, 0.5))
    pen.ellipse(0, -0.595, 0.25, 0.052, (104, 62, 40))
    pen.ellipse(-0.19, -0.3, 0.028, 0.13, lighten(colour, 0.5))
    for x in (-0.12, 0.02, 0.16):
        steam = [(x, -0.7), (x + 0.045, -0.78), (x - 0.03, -0.87), (x + 0.02, -0.97)]
        pen.line(steam, 0.03, (205, 208, 214), curved=True)


@thing(GROUND, colours=BRIGHT, english="umbrella", vietnamese="cái ô|chiếc ô|cây dù", width=1.0, weight=1.1)
def umbrella(pen: Pen, colour: RGB) -> None:
    """An open umbrella with four gores, every second one pale."""
    wood = (110, 72, 50)
    pen.line("0,-.6 0,-.1 -.05,-.02 -.12,-.03 -.13,-.12", 0.04, wood, curved=True)
    canopy = [(-0.5 * math.cos(a), -0.5 - 0.46 * math.sin(a)) for a in np.linspace(0, math.pi, 24)]
    hem = [point for i in (3, 2, 1, 0) for point in _hem(-0.5 + 0.25 * i, -0.5 + 0.25 * (i + 1))[::-1]]
    pen.polygon([(-0.5, -0.5), *canopy, *hem], colour)
    for left, right in ((-0.25, 0.0), (0.25, 0.5)):
        pen.polygon(_rib(left) + _hem(left, right) + _rib(right)[::-1], lighten(colour, 0.45))
    pen.line("0,-.94 0,-1", 0.035, wood)


def _rib(foot: float) -> list[tuple[float, float]]:
    """From the umbrella's tip down to x = foot."""
    t = np.linspace(0, 1, 12)
    return [(foot * math.sin(a * math.pi / 2), -0.96 + 0.46 * (1 - math.cos(a * math.pi / 2))) for a in t]


def _hem(left: float, right: float) -> list[tuple[float, float]]:
    """The scalloped lower edge of one gore."""
    return [(x, -0.5 - 0.07 * math.sin((x - left) / 0.25 * math.pi)) for x in np.linspace(left, right, 8)]
