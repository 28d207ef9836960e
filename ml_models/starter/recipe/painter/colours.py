"""The painter's colours and how they are mixed."""

import random

RGB = tuple[int, int, int]
RGBA = tuple[int, int, int, int]
Paint = RGB | RGBA

COLOURS: dict[str, RGB] = {
    "red": (222, 48, 46),
    "orange": (244, 136, 42),
    "yellow": (252, 208, 50),
    "green": (66, 168, 78),
    "blue": (46, 112, 222),
    "purple": (142, 78, 192),
    "pink": (246, 130, 172),
    "brown": (142, 92, 56),
    "black": (46, 44, 52),
    "white": (248, 247, 243),
    "gray": (152, 155, 162),
}
RED, ORANGE, YELLOW, GREEN = (COLOURS[name] for name in ("red", "orange", "yellow", "green"))
BLACK, WHITE = COLOURS["black"], COLOURS["white"]

PURE_WHITE: RGB = (255, 255, 255)
INK: RGB = (48, 38, 52)
DUSK: RGB = (20, 14, 40)


def mix(start: RGB, end: RGB, share: float) -> RGB:
    """The colour `share` (0 to 1) of the way from start to end."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def darken(colour: RGB, share: float = 0.25) -> RGB:
    """The colour mixed with the violet of dusk, which stays livelier than mixing with black."""
    return mix(colour, DUSK, share)


def lighten(colour: RGB, share: float = 0.35) -> RGB:
    """The colour mixed with white."""
    return mix(colour, PURE_WHITE, share)


def vary(colour: RGB, r: random.Random, most: int) -> RGB:
    """The colour with each channel moved by up to `most`, in either direction."""
    red, green, blue = (min(255, max(0, channel + r.randint(-most, most))) for channel in colour)
    return red, green, blue


def background(name: str) -> RGB:
    """What a plain background of that name looks like: paler than a thing of the same colour."""
    own = {"white": (250, 250, 248), "black": (30, 29, 36), "gray": (188, 190, 196)}
    return own[name] if name in own else lighten(COLOURS[name], 0.3)
