"""Apple and banana."""

from ml_models.starter.recipe.painter.colours import GREEN, RGB, darken, lighten
from ml_models.starter.recipe.painter.pen import Pen
from ml_models.starter.recipe.painter.thing import GROUND, thing


@thing(
    GROUND,
    colours="red red green yellow",
    english="apple",
    vietnamese="quả táo|trái táo",
    width=0.85,
    weight=1.2,
    flips=False,
)
def apple(pen: Pen, colour: RGB) -> None:
    """An apple with a leaf."""
    left = "0,-.74 -.2,-.82 -.4,-.68 -.42,-.4 -.28,-.1 -.12,-.01"
    right = "0,-.05 .12,-.01 .28,-.1 .42,-.4 .4,-.68 .2,-.82"
    leaf = (96, 176, 76) if colour != GREEN else (56, 124, 58)
    pen.blob(f"{left} {right}", colour)
    pen.blob(".3,-.12 .43,-.42 .39,-.66 .33,-.4 .16,-.04", darken(colour, 0.18))
    pen.line("0,-.72 .01,-.85 .06,-.97", 0.05, (110, 70, 44), curved=True)
    pen.blob(".05,-.86 .16,-.99 .36,-.96 .24,-.82", leaf)
    pen.ellipse(-0.22, -0.6, 0.065, 0.12, lighten(colour, 0.55), tilt=0.35)


@thing(GROUND, colours="yellow", english="banana", vietnamese="quả chuối|trái chuối", width=0.95, tilts=True)
def banana(pen: Pen, _colour: RGB) -> None:
    """A banana, stalk up and always ripe."""
    inner = "-.45,-.74 -.38,-.78 -.3,-.5 -.05,-.3 .25,-.32 .44,-.42 .48,-.36"
    outer = ".3,-.13 .02,-.06 -.28,-.2"
    ripe = (252, 212, 52)
    pen.blob(f"{inner} {outer} -.45,-.5", ripe)
    pen.blob(f"-.44,-.62 -.34,-.4 -.08,-.19 .25,-.22 .45,-.37 {outer} -.43,-.46", darken(ripe, 0.13))
    pen.polygon("-.475,-.86 -.39,-.88 -.375,-.76 -.455,-.73", (124, 86, 46))
    pen.ellipse(0.465, -0.385, 0.035, 0.04, (96, 64, 38))
