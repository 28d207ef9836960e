"""Trees, flowers, cactus and mushroom."""

import math

from ml_models.starter.recipe.painter.colours import ORANGE, RGB, WHITE, YELLOW, darken, lighten
from ml_models.starter.recipe.painter.pen import SIDES, Pen
from ml_models.starter.recipe.painter.thing import GROUND, thing


@thing(
    GROUND,
    colours="green green green orange pink red yellow",
    english="tree|tree|big tree",
    vietnamese="cái cây|cây",
    width=0.8,
    weight=1.3,
)
def tree(pen: Pen, colour: RGB) -> None:
    """A tree with a round crown."""
    bark, shade, glow = (124, 80, 50), darken(colour, 0.16), lighten(colour, 0.22)
    pen.polygon("-.06,-.45 .06,-.45 .09,0 -.09,0", bark)
    pen.line("0,-.38 .13,-.52", 0.045, bark)
    for x, y, radius in ((-0.22, -0.55, 0.2), (0.22, -0.55, 0.2), (0, -0.48, 0.2)):
        pen.ellipse(x, y, radius, radius * 0.92, shade)
    for x, y, radius in ((-0.15, -0.68, 0.2), (0.15, -0.68, 0.2), (0, -0.8, 0.21), (0, -0.62, 0.2)):
        pen.ellipse(x, y, radius, radius * 0.92, colour)
    for x, y, radius in ((-0.09, -0.84, 0.085), (-0.2, -0.69, 0.06), (0.08, -0.7, 0.06)):
        pen.ellipse(x, y, radius, radius * 0.85, glow)


@thing(
    GROUND,
    colours="green",
    english="pine tree|pine|fir tree|christmas tree",
    vietnamese="cây thông",
    width=0.7,
)
def pine(pen: Pen, colour: RGB) -> None:
    """A fir in three tiers, lit from the left."""
    pen.rectangle(-0.055, -0.2, 0.055, 0, (112, 72, 46))
    for foot, width, height in ((-0.12, 0.36, 0.42), (-0.36, 0.295, 0.38), (-0.6, 0.22, 0.4)):
        pen.polygon([(-width, foot), (0, foot - height), (width, foot)], colour)
        pen.polygon([(0, foot - height), (width, foot), (0.06, foot)], darken(colour, 0.22))


def petals(
    pen: Pen, y: float, ring: float, length: float, width: float, paint: RGB, count: int, turn: float = 0.0
) -> None:
    """Petals, each length x width, whose middles lie on a ring around (0, y)."""
    for i in range(count):
        angle = 2 * math.pi * i / count + turn
        pen.ellipse(ring * math.cos(angle), y + ring * math.sin(angle), length, width, paint, tilt=angle)


def leaves(pen: Pen, paint: RGB, size: float = 1.0) -> None:
    """Two leaves low on a stem."""
    foot = -0.1
    for side in SIDES:
        tip = [(0.1, -0.13), (0.28, -0.15), (0.18, -0.02)]
        pen.blob([(0.0, foot), *((side * x * size, foot + y * size) for x, y in tip)], paint)


@thing(
    GROUND,
    colours="red pink purple yellow blue white orange",
    english="flower|flower|blossom",
    vietnamese="bông hoa|hoa",
    width=0.6,
    weight=1.4,
)
def flower(pen: Pen, colour: RGB) -> None:
    """A flower with six petals on a stem."""
    pen.line("0,0 .02,-.3 0,-.6", 0.045, (70, 150, 74), curved=True)
    leaves(pen, (86, 172, 84))
    vein = lighten(colour, 0.3) if colour != WHITE else (226, 226, 232)
    petals(pen, -0.7, 0.17, 0.145, 0.105, colour, count=6, turn=math.pi / 6)
    petals(pen, -0.7, 0.13, 0.08, 0.03, vein, count=6, turn=math.pi / 6)
    heart = (252, 206, 60) if colour not in (YELLOW, ORANGE) else (150, 90, 44)
    pen.ellipse(0, -0.7, 0.105, 0.105, heart)
    pen.ellipse(-0.02, -0.72, 0.05, 0.045, lighten(heart, 0.3))


@thing(
    GROUND,
    colours="yellow",
    english="sunflower",
    vietnamese="hoa hướng dương|bông hoa hướng dương",
    width=0.65,
)
def sunflower(pen: Pen, _colour: RGB) -> None:
    """A sunflower; it is always yellow."""
    pen.line("0,0 -.02,-.3 0,-.6", 0.05, (70, 146, 66), curved=True)
    leaves(pen, (84, 164, 74), 1.1)
    petals(pen, -0.68, 0.24, 0.1, 0.058, (238, 164, 28), count=14, turn=math.pi / 14)
    petals(pen, -0.68, 0.22, 0.1, 0.055, (253, 206, 46), count=14)
    pen.ellipse(0, -0.68, 0.185, 0.185, (104, 62, 34))
    pen.ellipse(0, -0.68, 0.12, 0.12, (74, 44, 28))
    for i in range(8):
        angle = i * math.pi / 4
        pen.ellipse(0.15 * math.cos(angle), -0.68 + 0.15 * math.sin(angle), 0.014, 0.014, (160, 104, 52))


@thing(GROUND, colours="green", english="cactus", vietnamese="cây xương rồng|xương rồng", width=0.65)
def cactus(pen: Pen, colour: RGB) -> None:
    """A cactus with two arms and a pink blossom."""
    shade, pale = darken(colour, 0.24), lighten(colour, 0.28)
    pen.line(".02,-.3 .27,-.34 .29,-.62", 0.125, shade, curved=True)
    pen.line("-.02,-.42 -.27,-.45 -.29,-.74", 0.125, colour, curved=True)
    pen.rectangle(-0.135, -0.93, 0.135, 0.01, colour, radius=0.13)
    pen.rectangle(-0.135, -0.12, 0.135, 0.01, colour)
    for x in (-0.065, 0, 0.065):
        pen.line([(x, -0.84 if x == 0 else -0.78), (x, -0.05)], 0.014, pale if x < 0 else shade)
    petals(pen, -0.95, 0.05, 0.05, 0.034, (244, 110, 158), count=5, turn=0.3)
    pen.ellipse(0, -0.95, 0.03, 0.03, (252, 212, 70))


@thing(
    GROUND,
    colours="red red orange brown",
    english="mushroom",
    vietnamese="cây nấm|nấm",
    width=0.85,
    weight=0.8,
)
def mushroom(pen: Pen, colour: RGB) -> None:
    """A toadstool with a dotted cap."""
    pen.blob("-.11,-.5 -.15,-.1 -.12,-.01 .12,-.01 .15,-.1 .11,-.5", (250, 238, 216))
    pen.ellipse(0, -0.46, 0.36, 0.07, (232, 208, 178))
    pen.blob("-.43,-.44 -.36,-.72 0,-.92 .36,-.72 .43,-.44 0,-.5", colour)
    for x, y, radius in (
        (-0.2, -0.66, 0.062),
        (0.06, -0.76, 0.075),
        (0.25, -0.58, 0.055),
        (-0.02, -0.57, 0.045),
    ):
        pen.ellipse(x, y, radius, radius * 0.9, (255, 250, 244))
