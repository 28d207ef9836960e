"""What drives, sails and flies."""

from ml_models.starter.recipe.painter.colours import RED, RGB, WHITE, YELLOW, darken, lighten
from ml_models.starter.recipe.painter.pen import SIDES, Pen, outline
from ml_models.starter.recipe.painter.thing import BRIGHT, GROUND, SKY, WATER, thing


@thing(
    GROUND,
    colours="red red blue yellow green orange white black pink purple",
    english="car|car|automobile",
    vietnamese="xe ô tô|chiếc xe hơi|ô tô",
    width=1.0,
    weight=1.6,
)
def car(pen: Pen, colour: RGB) -> None:
    """A small car, facing left."""
    shade = darken(colour, 0.25)
    pen.blob("-.27,-.32 -.19,-.54 -.06,-.585 .1,-.585 .21,-.53 .33,-.32 .03,-.28", colour)
    pen.polygon("-.21,-.34 -.15,-.51 -.01,-.54 -.01,-.34", (178, 224, 244))
    pen.polygon(".03,-.34 .03,-.54 .13,-.52 .25,-.34", (178, 224, 244))
    pen.rectangle(-0.5, -0.35, 0.5, -0.1, colour, radius=0.085)
    pen.rectangle(-0.48, -0.16, 0.48, -0.1, shade, radius=0.03)
    pen.line(".01,-.33 .01,-.17", 0.012, shade)
    pen.line(".06,-.27 .11,-.27", 0.02, shade)
    pen.ellipse(-0.465, -0.255, 0.035, 0.045, (255, 232, 140))
    tail_light = (255, 120, 90) if colour != RED else (255, 190, 120)
    pen.ellipse(0.475, -0.255, 0.026, 0.045, tail_light)
    for x in (-0.27, 0.28):
        pen.ellipse(x, -0.115, 0.125, 0.125, (44, 44, 52))
        pen.ellipse(x, -0.115, 0.066, 0.066, (206, 210, 218))
        pen.ellipse(x, -0.115, 0.024, 0.024, (120, 124, 134))


@thing(
    WATER,
    colours="red blue orange white green",
    english="sailboat|boat|boat|sailing boat|ship",
    vietnamese="chiếc thuyền|thuyền buồm",
    width=0.95,
    weight=1.3,
)
def boat(pen: Pen, colour: RGB) -> None:
    """A sailing boat; the colour is the hull's and one sail's."""
    sail, stripe, rail = colour, (250, 248, 240), lighten(colour, 0.45)
    if colour == WHITE:
        sail, stripe, rail = (232, 238, 244), (226, 80, 70), (226, 80, 70)
    pen.line("0,-.16 0,-1", 0.03, (120, 78, 50))
    pen.blob("-.035,-.95 -.04,-.25 -.24,-.25 -.4,-.25 -.2,-.58", (250, 248, 240))
    pen.polygon(".035,-.96 .035,-.25 .4,-.25", sail)
    pen.polygon(".035,-.42 .035,-.33 .345,-.33 .288,-.42", stripe)
    pen.polygon("-.48,-.2 .48,-.2 .34,0 -.34,0", colour)
    pen.polygon("-.48,-.2 .48,-.2 .445,-.15 -.445,-.15", rail)
    pen.polygon("0,-1.02 .13,-.985 0,-.95", (232, 70, 62))


@thing(SKY, colours=BRIGHT, english="hot air balloon|hot-air balloon", vietnamese="khinh khí cầu", width=0.75)
def hot_air_balloon(pen: Pen, colour: RGB) -> None:
    """A striped hot air balloon with its basket."""
    stripe = (252, 240, 214) if colour != YELLOW else (236, 92, 74)
    for side in SIDES:
        pen.line(".17,-.36 .075,-.15", 0.014, (120, 84, 56), side=side)
    pen.rectangle(-0.1, -0.16, 0.1, 0, (160, 106, 62), radius=0.025)
    pen.rectangle(-0.115, -0.17, 0.115, -0.13, (120, 76, 46), radius=0.015)
    envelope = outline("-.13,-.32 -.32,-.5 -.38,-.7 -.26,-.92 0,-1 .26,-.92 .38,-.7 .32,-.5 .13,-.32")
    for width, paint in ((1, colour), (0.68, stripe), (0.3, colour)):
        pen.blob(envelope * (width, 1), paint)
    pen.blob("-.13,-.33 0,-.36 .13,-.33 .1,-.295 -.1,-.295", darken(colour, 0.3))


@thing(
    SKY,
    colours="red blue orange",
    english="rocket|rocket|spaceship",
    vietnamese="tên lửa|tàu vũ trụ",
    width=0.6,
    weight=0.9,
)
def rocket(pen: Pen, colour: RGB) -> None:
    """A rocket under way; the colour is the nose's and the fins'."""
    for side in SIDES:
        pen.polygon(".13,-.42 .31,-.2 .29,-.1 .12,-.2", colour, side=side)
    pen.blob("-.09,-.18 0,.02 .09,-.18", (253, 190, 50))
    pen.blob("-.045,-.18 0,-.06 .045,-.18", (255, 238, 150))
    pen.blob("0,-1 -.14,-.78 -.18,-.5 -.13,-.18 .13,-.18 .18,-.5 .14,-.78", (240, 243, 248))
    pen.blob("0,-1.01 -.1,-.87 -.145,-.74 .145,-.74 .1,-.87", colour)
    pen.ellipse(0, -0.57, 0.088, 0.088, darken(colour, 0.2))
    pen.ellipse(0, -0.57, 0.062, 0.062, (134, 204, 240))
    pen.rectangle(-0.13, -0.235, 0.13, -0.17, darken(colour, 0.25), radius=0.02)
