"""Sun, moon, cloud and rainbow."""

import math

import numpy as np

from ml_models.starter.recipe.painter.colours import RGB, mix
from ml_models.starter.recipe.painter.pen import Pen, arc_angles
from ml_models.starter.recipe.painter.thing import SKY, thing

RAINBOW: tuple[RGB, ...] = (
    (226, 62, 60),
    (246, 142, 50),
    (252, 214, 66),
    (92, 184, 92),
    (66, 140, 226),
    (138, 88, 194),
)


@thing(
    SKY,
    colours="",
    english="crescent moon|moon|moon",
    vietnamese="mặt trăng|trăng khuyết|trăng lưỡi liềm",
    width=0.7,
    weight=0.5,
)
def moon(pen: Pen, _colour: RGB) -> None:
    """The crescent moon, always pale yellow."""
    rim = np.linspace(math.radians(58), math.radians(302), 40)
    bite = np.linspace(math.radians(290), math.radians(70), 40)
    outer = [(0.46 * math.cos(a), -0.5 + 0.46 * math.sin(a)) for a in rim]
    tip = outer[0][0]
    inner = [(tip + 0.02 + 0.385 * (math.cos(a) - 0.34) * 0.9, -0.5 + 0.415 * math.sin(a)) for a in bite]
    pen.polygon(outer + inner, (252, 232, 150))
    pen.ellipse(-0.3, -0.38, 0.05, 0.05, (234, 206, 116))
    pen.ellipse(-0.24, -0.62, 0.036, 0.036, (234, 206, 116))


def full_moon(pen: Pen) -> None:
    """The full moon with its seas."""
    pen.ellipse(0, -0.5, 0.46, 0.46, (250, 242, 206))
    for x, y, radius in ((-0.15, -0.6, 0.1), (0.16, -0.4, 0.075), (0.05, -0.72, 0.05), (-0.12, -0.3, 0.055)):
        pen.ellipse(x, y, radius, radius, (228, 214, 168))


@thing(SKY, colours="", english="sun", vietnamese="mặt trời", width=1.0, weight=0.7)
def sun(pen: Pen, _colour: RGB) -> None:
    """The sun with twelve rays, always golden."""
    for i in range(12):
        angle = i * math.pi / 6
        corners = ((angle - 0.14, 0.345), (angle, 0.5), (angle + 0.14, 0.345))
        pen.polygon([(math.cos(a) * far, -0.5 + math.sin(a) * far) for a, far in corners], (253, 178, 44))
    pen.ellipse(0, -0.5, 0.31, 0.31, (254, 206, 58))
    pen.ellipse(-0.05, -0.55, 0.2, 0.2, (255, 222, 104))


@thing(SKY, colours="white", english="cloud", vietnamese="đám mây", width=0.95, weight=0.6)
def cloud(pen: Pen, colour: RGB) -> None:
    """A cloud with a flat foot."""
    shade = mix(colour, (130, 150, 190), 0.22)
    for x, y, radius in ((-0.3, -0.36, 0.17), (0, -0.36, 0.2), (0.29, -0.36, 0.17)):
        pen.ellipse(x, y + 0.045, radius, radius * 0.95, shade)
    pen.rectangle(-0.44, -0.36, 0.44, -0.175, shade, radius=0.09)
    puffs = (
        (-0.28, -0.4, 0.165),
        (-0.07, -0.53, 0.2),
        (0.16, -0.47, 0.18),
        (0.31, -0.37, 0.14),
        (0, -0.36, 0.17),
    )
    for x, y, radius in puffs:
        pen.ellipse(x, y, radius, radius * 0.95, colour)
    pen.rectangle(-0.43, -0.4, 0.43, -0.24, colour, radius=0.08)


@thing(SKY, colours="", english="rainbow", vietnamese="cầu vồng", width=1.0, weight=0.8)
def rainbow(pen: Pen, _colour: RGB) -> None:
    """A rainbow of six bands."""
    t = arc_angles(180, 360, 40)
    for i, band in enumerate(RAINBOW):
        outer, inner = 0.5 - i * 0.042, 0.5 - (i + 1) * 0.042
        upper = [(outer * math.cos(a), -0.1 + outer * 1.25 * math.sin(a)) for a in t]
        lower = [(inner * math.cos(a), -0.1 + inner * 1.25 * math.sin(a)) for a in t[::-1]]
        pen.polygon(upper + lower, band)
