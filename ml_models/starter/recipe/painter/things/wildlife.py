"""Bird, fish and butterfly."""

from ml_models.starter.recipe.painter.colours import INK, PURE_WHITE, RGB, darken, lighten
from ml_models.starter.recipe.painter.pen import SIDES, Pen
from ml_models.starter.recipe.painter.thing import GROUND, SKY, UNDERWATER, thing


@thing(
    GROUND | SKY,
    colours="blue red yellow green orange pink",
    english="bird|bird|little bird",
    vietnamese="con chim|chú chim",
    width=0.95,
    weight=1.2,
)
def bird(pen: Pen, colour: RGB) -> None:
    """A small bird standing in profile."""
    shade, pale = darken(colour, 0.25), lighten(colour, 0.6)
    for x in (-0.03, 0.08):
        pen.line([(x, -0.26), (x, 0)], 0.026, (226, 130, 40))
        pen.line([(x - 0.05, 0), (x + 0.05, 0)], 0.026, (226, 130, 40))
    pen.polygon(".2,-.48 .52,-.66 .52,-.46 .22,-.34", shade)
    pen.blob("-.22,-.62 -.06,-.62 .18,-.52 .3,-.42 .2,-.27 0,-.2 -.2,-.28 -.28,-.46", colour)
    pen.ellipse(-0.12, -0.36, 0.13, 0.13, pale)
    pen.ellipse(-0.2, -0.7, 0.185, 0.18, colour)
    pen.polygon("-.36,-.76 -.54,-.68 -.35,-.62", (248, 160, 40))
    pen.blob("-.02,-.52 .14,-.52 .36,-.38 .16,-.32 .02,-.36", shade)
    pen.ellipse(-0.25, -0.74, 0.044, 0.05, INK)
    pen.ellipse(-0.262, -0.757, 0.016, 0.016, PURE_WHITE)


@thing(
    UNDERWATER,
    colours="orange orange blue red yellow purple pink",
    english="fish|fish|goldfish",
    vietnamese="con cá|chú cá",
    width=0.95,
    weight=1.2,
    tilts=True,
)
def fish(pen: Pen, colour: RGB) -> None:
    """A striped fish swimming to the left."""
    shade, pale = darken(colour, 0.25), lighten(colour, 0.5)
    pen.blob(".22,-.5 .5,-.76 .45,-.5 .5,-.24", shade)
    pen.blob("-.16,-.66 .02,-.86 .2,-.66", shade)
    pen.blob("-.05,-.36 .05,-.18 .15,-.38", shade)
    pen.blob("-.48,-.48 -.3,-.68 0,-.73 .2,-.6 .3,-.5 .2,-.4 0,-.27 -.3,-.32", colour)
    pen.blob("-.4,-.38 -.2,-.36 .05,-.36 .2,-.42 0,-.28 -.28,-.31", pale)
    for x in (0.0, 0.13):
        pen.line([(x, -0.64), (x + 0.035, -0.5), (x, -0.36)], 0.05, pale, curved=True)
    pen.blob("-.1,-.5 .02,-.56 .03,-.42", shade)
    pen.ellipse(-0.3, -0.53, 0.062, 0.066, PURE_WHITE)
    pen.ellipse(-0.31, -0.53, 0.035, 0.042, INK)
    pen.arc(-0.4, -0.45, 0.05, 0.03, 20, 150, 0.016, darken(colour, 0.5))


@thing(
    GROUND | SKY,
    colours="orange blue purple pink yellow red",
    english="butterfly",
    vietnamese="con bướm|chú bướm",
    width=0.95,
    tilts=True,
)
def butterfly(pen: Pen, colour: RGB) -> None:
    """A butterfly with open wings, seen from above."""
    shade, pale = darken(colour, 0.35), lighten(colour, 0.5)
    for side in SIDES:
        pen.blob(".03,-.5 .16,-.86 .42,-.92 .48,-.7 .3,-.48", shade, side=side)
        pen.blob(".06,-.53 .18,-.82 .39,-.87 .43,-.7 .28,-.52", colour, side=side)
        pen.blob(".03,-.48 .3,-.46 .38,-.26 .24,-.1 .09,-.24", shade, side=side)
        pen.blob(".06,-.45 .27,-.43 .33,-.27 .23,-.15 .11,-.26", lighten(colour, 0.2), side=side)
        pen.ellipse(side * 0.3, -0.73, 0.07, 0.06, pale)
        pen.ellipse(side * 0.22, -0.3, 0.05, 0.05, pale)
        pen.line(".01,-.74 .06,-.88 .13,-.93", 0.016, INK, curved=True, side=side)
    pen.ellipse(0, -0.48, 0.038, 0.24, INK)
    pen.ellipse(0, -0.73, 0.05, 0.05, INK)
