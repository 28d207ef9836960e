"""Robot, smiling face and snowman."""

from ml_models.starter.recipe.painter.colours import INK, PURE_WHITE, RGB, darken, lighten, mix
from ml_models.starter.recipe.painter.pen import SIDES, Pen
from ml_models.starter.recipe.painter.thing import GROUND, thing


@thing(
    GROUND,
    colours="gray blue red yellow green white orange",
    english="robot|robot|cute robot",
    vietnamese="rô bốt|con robot|người máy",
    width=0.8,
    weight=1.3,
)
def robot(pen: Pen, colour: RGB) -> None:
    """A robot with a screen for a face."""
    shade, pale, steel = darken(colour, 0.25), lighten(colour, 0.4), (140, 146, 156)
    pen.line("0,-.88 0,-.96", 0.025, (110, 116, 126))
    pen.ellipse(0, -0.965, 0.04, 0.04, (240, 80, 70))
    for side in SIDES:
        pen.line(".24,-.42 .38,-.34 .38,-.2", 0.06, steel, side=side)
        pen.ellipse(side * 0.38, -0.17, 0.055, 0.055, shade)
        pen.rectangle(side * 0.11 - 0.045, -0.14, side * 0.11 + 0.045, -0.02, steel)
        pen.rectangle(side * 0.12 - 0.085, -0.055, side * 0.12 + 0.085, 0, shade, radius=0.02)
        pen.rectangle(side * 0.28 - 0.035, -0.77, side * 0.28 + 0.035, -0.63, shade, radius=0.015)
    pen.rectangle(-0.25, -0.49, 0.25, -0.12, colour, radius=0.05)
    pen.rectangle(-0.15, -0.42, 0.15, -0.22, pale, radius=0.025)
    pen.ellipse(-0.07, -0.32, 0.033, 0.033, (236, 84, 74))
    pen.ellipse(0.02, -0.32, 0.033, 0.033, (250, 204, 66))
    pen.ellipse(0.1, -0.32, 0.026, 0.026, (84, 180, 96))
    pen.rectangle(-0.06, -0.54, 0.06, -0.47, steel)
    pen.rectangle(-0.27, -0.88, 0.27, -0.52, colour, radius=0.07)
    pen.rectangle(-0.215, -0.83, 0.215, -0.58, (44, 52, 70), radius=0.05)
    for side in SIDES:
        pen.ellipse(side * 0.1, -0.74, 0.05, 0.055, (110, 232, 240))
    pen.arc(0, -0.68, 0.08, 0.05, 15, 165, 0.022, (110, 232, 240))


@thing(
    GROUND,
    colours="yellow",
    english="smiling face|smiley|smiley face|happy face|emoji",
    vietnamese="mặt cười|khuôn mặt cười",
    width=1.0,
)
def smiley(pen: Pen, colour: RGB) -> None:
    """A round face with an open smile."""
    pen.ellipse(0, -0.5, 0.5, 0.5, darken(colour, 0.2))
    pen.ellipse(0, -0.51, 0.47, 0.47, colour)
    for side in SIDES:
        pen.ellipse(side * 0.17, -0.62, 0.062, 0.095, INK)
        pen.ellipse(side * 0.17 - 0.016, -0.655, 0.02, 0.028, PURE_WHITE)
        pen.ellipse(side * 0.32, -0.42, 0.075, 0.05, mix(colour, (246, 100, 90), 0.5))
    pen.ellipse(0, -0.4, 0.24, 0.23, INK, start=0, stop=180)
    pen.ellipse(0, -0.235, 0.12, 0.06, (236, 90, 100))
    pen.rectangle(-0.19, -0.4, 0.19, -0.35, PURE_WHITE, radius=0.01)


@thing(GROUND, colours="red blue green", english="snowman", vietnamese="người tuyết", width=0.6, weight=0.9)
def snowman(pen: Pen, colour: RGB) -> None:
    """A snowman in a top hat; the colour is the scarf's."""
    for side in SIDES:
        pen.line(".18,-.47 .42,-.6", 0.025, (110, 72, 48), side=side)
    for y, radius in ((-0.21, 0.235), (-0.52, 0.185), (-0.77, 0.145)):
        pen.ellipse(0, y, radius, radius * 0.96, (206, 218, 236))
        pen.ellipse(-0.018, y - 0.012, radius * 0.92, radius * 0.88, (252, 253, 255))
    for side in SIDES:
        pen.ellipse(side * 0.055, -0.8, 0.018, 0.02, INK)
    pen.polygon("0,-.775 .17,-.745 0,-.735", (244, 130, 40))
    pen.rectangle(-0.15, -0.675, 0.15, -0.62, colour, radius=0.025)
    pen.rectangle(0.04, -0.65, 0.11, -0.45, darken(colour, 0.14), radius=0.02)
    for y in (-0.5, -0.4):
        pen.ellipse(0, y, 0.018, 0.018, INK)
    pen.rectangle(-0.17, -0.91, 0.17, -0.875, (50, 48, 62), radius=0.015)
    pen.rectangle(-0.11, -1.03, 0.11, -0.89, (50, 48, 62), radius=0.015)
