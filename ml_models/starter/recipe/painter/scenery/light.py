"""The five times of day: what the sky looks like and how they colour everything under it."""

from ml_models.starter.recipe.painter.colours import RGB, mix

TIMES_OF_DAY = ("day", "sunset", "sunrise", "night", "starry")

SKIES: dict[str, tuple[RGB, ...]] = {
    "day": ((72, 160, 234), (196, 230, 250)),
    "sunset": ((70, 48, 116), (226, 88, 96), (255, 186, 92)),
    "sunrise": ((112, 170, 224), (250, 196, 196), (255, 230, 160)),
    "night": ((10, 16, 50), (44, 66, 124)),
    "starry": ((8, 10, 40), (46, 42, 104)),
}

WINDOWS: dict[str, RGB] = {
    "day": (150, 210, 244),
    "sunset": (246, 150, 110),
    "sunrise": (252, 214, 190),
    "night": (30, 40, 92),
    "starry": (26, 28, 80),
}


def tint(colour: RGB, time: str) -> RGB:
    """What a colour looks like at that time of day."""
    if time == "sunset":
        return mix(mix(colour, (120, 40, 80), 0.28), (255, 150, 80), 0.08)
    if time == "sunrise":
        return mix(colour, (255, 214, 180), 0.2)
    if time in ("night", "starry"):
        return mix(colour, (14, 20, 62), 0.62)
    return colour
