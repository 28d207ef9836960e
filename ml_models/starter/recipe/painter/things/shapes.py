"""Balls and blocks, hearts, stars and toy balloons."""

import math

import numpy as np

from ml_models.starter.recipe.painter.colours import RGB, WHITE, darken, lighten, mix
from ml_models.starter.recipe.painter.pen import Pen
from ml_models.starter.recipe.painter.thing import BRIGHT, GROUND, SKY, thing


@thing(SKY, colours=BRIGHT, english="balloon", vietnamese="quả bóng bay|bong bóng", width=0.55, tilts=True)
def balloon(pen: Pen, colour: RGB) -> None:
    """A toy balloon on its string."""
    pen.line("0,-.42 .05,-.28 -.04,-.14 .02,0", 0.014, (110, 104, 116), curved=True)
    pen.polygon("0,-.44 -.05,-.385 .05,-.385", darken(colour, 0.2))
    pen.blob("0,-.42 -.17,-.52 -.27,-.72 -.2,-.93 0,-1 .2,-.93 .27,-.72 .17,-.52", colour)
    pen.blob(".02,-.44 .16,-.54 .25,-.72 .19,-.91 .2,-.7 .13,-.56", darken(colour, 0.14))
    pen.ellipse(-0.11, -0.83, 0.05, 0.085, lighten(colour, 0.6), tilt=0.5)


@thing(
    GROUND | SKY,
    colours="red red pink purple blue",
    english="heart|heart|love heart",
    vietnamese="trái tim",
    width=0.95,
    weight=1.1,
    tilts=True,
)
def heart(pen: Pen, colour: RGB) -> None:
    """A heart; the outline is the classic parametric heart curve (MathWorld, "Heart Curve")."""
    t = np.linspace(0, 2 * math.pi, 60)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    pen.polygon(np.stack([x / 34, y / 31 - 0.5 - 0.04], 1), colour)
    pen.ellipse(-0.24, -0.72, 0.06, 0.105, lighten(colour, 0.55), tilt=0.6)


@thing(
    SKY,
    colours="yellow yellow red blue pink white",
    english="star",
    vietnamese="ngôi sao",
    width=1.0,
    tilts=True,
)
def star(pen: Pen, colour: RGB) -> None:
    """A five-pointed star, faceted."""
    facet = lighten(colour, 0.28) if colour != WHITE else (226, 228, 236)
    corners = [
        (radius * math.sin(i * math.pi / 5), -0.5 - radius * math.cos(i * math.pi / 5))
        for i, radius in enumerate([0.52, 0.235] * 5)
    ]
    pen.polygon(corners, colour)
    for i in range(0, 10, 2):
        pen.polygon([corners[i], corners[(i + 1) % 10], (0, -0.5)], facet)


@thing(
    GROUND,
    colours=f"{BRIGHT} {BRIGHT} brown black white gray",
    english="ball|ball|sphere",
    vietnamese="quả bóng|quả cầu",
    width=1.0,
    weight=1.6,
    flips=False,
)
def ball(pen: Pen, colour: RGB) -> None:
    """A glossy ball, lit from the upper left."""
    pen.ellipse(0, -0.5, 0.5, 0.5, darken(colour, 0.28))
    for k in range(1, 7):
        t = k / 6
        radius = 0.5 - 0.1 * t
        pen.ellipse(-0.06 * t, -0.5 - 0.07 * t, radius, radius, mix(darken(colour, 0.24), colour, t))
    for k in range(1, 5):
        t = k / 4
        shrink = 1 - 0.7 * t
        pen.ellipse(-0.14, -0.66, 0.24 * shrink, 0.2 * shrink, mix(colour, lighten(colour, 0.6), t * 0.8))
    pen.ellipse(-0.17, -0.7, 0.06, 0.05, lighten(colour, 0.8))


@thing(
    GROUND,
    colours=f"{BRIGHT} {BRIGHT} brown black white gray",
    english="cube|cube|box|block",
    vietnamese="khối lập phương|khối hộp",
    width=0.9,
    weight=1.2,
    flips=False,
)
def cube(pen: Pen, colour: RGB) -> None:
    """A cube with three faces to see."""
    pen.polygon("0,-1 .45,-.78 0,-.55 -.45,-.78", lighten(colour, 0.38))
    pen.polygon("-.45,-.78 0,-.55 0,0 -.45,-.24", colour)
    pen.polygon(".45,-.78 0,-.55 0,0 .45,-.24", darken(colour, 0.3))
