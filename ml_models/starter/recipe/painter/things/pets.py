"""Cat, dog and rabbit, sitting and looking at us."""

from ml_models.starter.recipe.painter.colours import BLACK, INK, PURE_WHITE, RGB, darken, lighten
from ml_models.starter.recipe.painter.pen import SIDES, Pen
from ml_models.starter.recipe.painter.thing import GROUND, thing


def eyes(pen: Pen, x: float, y: float, radius: float, iris: RGB | None = None) -> None:
    """Two eyes at -x and x, black unless there is an iris around a slit."""
    for side in SIDES:
        if iris:
            pen.ellipse(side * x, y, radius * 1.25, radius * 1.35, iris)
            pen.ellipse(side * x, y, radius * 0.62, radius * 1.1, INK)
        else:
            pen.ellipse(side * x, y, radius, radius * 1.2, INK)
        glint = radius * 0.36
        pen.ellipse(side * x - radius * 0.3, y - radius * 0.45, glint, glint, PURE_WHITE)


@thing(
    GROUND,
    colours="orange orange gray black white brown",
    english="cat|cat|cat|kitten|kitty",
    vietnamese="con mèo|con mèo|chú mèo|mèo con",
    width=0.75,
    weight=1.8,
)
def cat(pen: Pen, colour: RGB) -> None:
    """A sitting cat with its tail round to one side."""
    shade = darken(colour, 0.22) if colour != BLACK else lighten(colour, 0.16)
    pale = lighten(colour, 0.5) if colour != BLACK else lighten(colour, 0.25)
    whiskers = lighten(INK, 0.1) if colour != BLACK else (210, 210, 215)
    pen.line(".16,-.06 .38,-.08 .46,-.24 .38,-.42", 0.095, colour, curved=True)
    pen.blob("-.27,-.02 -.28,-.25 -.15,-.5 .15,-.5 .28,-.25 .27,-.02 0,.01", colour)
    pen.ellipse(0, -0.24, 0.135, 0.19, pale)
    for side in SIDES:
        pen.ellipse(side * 0.13, -0.045, 0.105, 0.055, pale)
        pen.polygon(".31,-.7 .285,-1 .05,-.86", colour, side=side)
        pen.polygon(".265,-.76 .25,-.93 .11,-.85", (246, 160, 170), side=side)
    pen.ellipse(0, -0.68, 0.325, 0.25, colour)
    for x in (-0.07, 0, 0.07):
        pen.line([(x, -0.91), (x * 0.8, -0.82)], 0.026, shade)
    pen.ellipse(0, -0.585, 0.14, 0.095, pale)
    eyes(pen, 0.145, -0.7, 0.058, (214, 226, 90) if colour == BLACK else None)
    pen.polygon("-.035,-.63 .035,-.63 0,-.59", (240, 110, 130))
    for side in SIDES:
        pen.arc(side * 0.035, -0.585, 0.035, 0.035, 10, 170, 0.014, INK)
        for k in (-0.02, 0.025):
            pen.line([(side * 0.17, -0.6 + k), (side * 0.4, -0.62 + 2.6 * k)], 0.011, whiskers)


@thing(
    GROUND,
    colours="brown brown orange white black gray",
    english="dog|dog|dog|puppy",
    vietnamese="con chó|con chó|chú chó|chó con|cún con",
    width=0.75,
    weight=1.8,
)
def dog(pen: Pen, colour: RGB) -> None:
    """A sitting dog with floppy ears, a red collar and its tongue out."""
    shade = darken(colour, 0.42) if colour != BLACK else lighten(colour, 0.14)
    pale = lighten(colour, 0.62)
    pen.line(".18,-.1 .36,-.2 .42,-.38", 0.085, colour, curved=True)
    pen.blob("-.25,-.02 -.25,-.25 -.15,-.5 .15,-.5 .25,-.25 .25,-.02 0,.01", colour)
    pen.blob("-.11,-.08 -.13,-.3 0,-.42 .13,-.3 .11,-.08", pale)
    for side in SIDES:
        pen.ellipse(side * 0.13, -0.045, 0.11, 0.058, pale)
    pen.blob("-.27,-.72 -.23,-.95 0,-1 .23,-.95 .27,-.72 .2,-.5 0,-.44 -.2,-.5", colour)
    pen.rectangle(-0.19, -0.455, 0.19, -0.395, (222, 50, 50), radius=0.03)
    pen.ellipse(0, -0.37, 0.042, 0.042, (252, 208, 60))
    for side in SIDES:
        pen.blob(".17,-.97 .34,-.93 .41,-.68 .35,-.53 .26,-.58 .23,-.8", shade, side=side)
    pen.blob("-.07,-.9 0,-.98 .07,-.9 .06,-.72 -.06,-.72", pale)
    pen.blob("-.07,-.53 .07,-.53 .06,-.42 0,-.385 -.06,-.42", (240, 110, 130))
    pen.ellipse(0, -0.6, 0.165, 0.115, pale)
    pen.ellipse(0, -0.655, 0.072, 0.052, INK)
    pen.line("0,-.63 0,-.56", 0.016, INK)
    for side in SIDES:
        pen.arc(side * 0.055, -0.565, 0.055, 0.04, 10, 170, 0.016, INK)
    eyes(pen, 0.125, -0.77, 0.046)


@thing(
    GROUND,
    colours="white white gray brown pink",
    english="rabbit|rabbit|bunny",
    vietnamese="con thỏ|chú thỏ",
    width=0.55,
    weight=1.2,
)
def rabbit(pen: Pen, colour: RGB) -> None:
    """A sitting rabbit with long ears and two front teeth."""
    pale = lighten(colour, 0.55)
    pen.ellipse(0.25, -0.12, 0.09, 0.085, PURE_WHITE)
    pen.blob("-.24,-.02 -.25,-.2 -.13,-.4 .13,-.4 .25,-.2 .24,-.02 0,.01", colour)
    pen.ellipse(0, -0.2, 0.13, 0.15, pale)
    for side in SIDES:
        pen.ellipse(side * 0.14, -0.04, 0.125, 0.055, pale)
        pen.ellipse(side * 0.125, -0.8, 0.075, 0.205, colour, tilt=side * 0.18)
        pen.ellipse(side * 0.125, -0.79, 0.038, 0.15, (246, 168, 184), tilt=side * 0.18)
    pen.ellipse(0, -0.51, 0.26, 0.2, colour)
    pen.ellipse(0, -0.43, 0.12, 0.085, pale)
    pen.rectangle(-0.035, -0.415, 0.035, -0.355, PURE_WHITE, radius=0.008)
    eyes(pen, 0.115, -0.545, 0.046)
    pen.ellipse(0, -0.475, 0.034, 0.024, (236, 100, 126))
    for side in SIDES:
        pen.ellipse(side * 0.18, -0.46, 0.045, 0.03, (250, 160, 170))
        pen.arc(side * 0.03, -0.44, 0.03, 0.026, 10, 170, 0.013, INK)
