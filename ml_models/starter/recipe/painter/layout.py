"""Where the subjects of a scene stand or float, and how large they are."""

import random
from dataclasses import dataclass

from ml_models.starter.recipe.painter.cast import Cast
from ml_models.starter.recipe.painter.subject import Subject
from ml_models.starter.recipe.painter.thing import GROUND, SKY, UNDERWATER, WATER

SIZES = {1: (0.5, 0.66), 2: (0.38, 0.46), 3: (0.28, 0.33)}
SLOTS = {1: [0.5], 2: [0.27, 0.73], 3: [0.2, 0.5, 0.8]}


@dataclass(frozen=True)
class Placement:
    """A subject, the middle of its foot, its height (both in canvas widths), and whether it has a shadow."""

    subject: Subject
    x: float
    y: float
    size: float
    shadow: bool


def place(cast: Cast, ground: float, r: random.Random) -> list[Placement]:
    """Placements in the order of painting: what floats first, then what stands further back.

    Also tells the subjects the size and place words that describe where they ended up.
    """
    # a size for every possible number is drawn, whichever is used: the seeds of the training set count on it
    sizes = {count: r.uniform(*bounds) for count, bounds in SIZES.items()}
    count = len(cast.subjects)
    if count == 0:
        return []
    size, slots = sizes[count], SLOTS[count]
    if count == 1:
        size, slots = _alone(cast.subjects[0], size, r)
    elif count == 2:
        slots = _side_by_side(cast.subjects, r)
    placements = [
        _placement(subject, x, size, cast, ground, r) for subject, x in zip(cast.subjects, slots, strict=True)
    ]
    return sorted(placements, key=lambda p: (p.shadow, p.y))


def _alone(subject: Subject, size: float, r: random.Random) -> tuple[float, list[float]]:
    x = 0.5
    where = r.random()
    if where < 0.12:
        x, subject.place, size = 0.26, "left", size * 0.82
    elif where < 0.24:
        x, subject.place, size = 0.74, "right", size * 0.82
    elif where < 0.30:
        subject.place = "center"
    how_big = r.random()
    if how_big < 0.10:
        size, subject.size = size * 0.55, "small"
    elif how_big < 0.2:
        size, subject.size = max(size, 0.6) * 1.2, "big"
    return size, [x]


def _side_by_side(subjects: list[Subject], r: random.Random) -> list[float]:
    if r.random() < 0.3:
        subjects[0].place, subjects[1].place = "left", "right"
    elif r.random() < 0.5:
        return SLOTS[2][::-1]
    return SLOTS[2]


def _placement(
    subject: Subject, x: float, size: float, cast: Cast, ground: float, r: random.Random
) -> Placement:
    x += r.uniform(-0.03, 0.03)
    if cast.setting not in ("plain", "sky", "room"):
        if subject.name == "rainbow":
            size *= 1.25
        elif subject.name in ("sun", "moon", "cloud", "star"):
            size *= 0.75
    if subject.name == "rainbow" and len(cast.subjects) == 1:
        size, x = 0.95, 0.5
        subject.place = subject.size = None
    y, shadow = _height(subject, size, cast, ground, r)
    if WATER in subject.thing.home and cast.setting == "beach":
        size *= 0.75  # it sails further out
    half = subject.thing.width * size / 2
    x = min(max(x, half + 0.02), 1 - half - 0.02) if half < 0.48 else 0.5
    if y - size < 0.03:
        y = size + 0.03
    return Placement(subject, x, min(y, 0.985), size, shadow)


def _height(subject: Subject, size: float, cast: Cast, ground: float, r: random.Random) -> tuple[float, bool]:
    """Where the subject's foot is, and whether it casts a shadow there."""
    home, setting = subject.thing.home, cast.setting
    centred = 0.5 + size * 0.5
    if setting in ("sky", "underwater"):
        y = centred + r.uniform(-0.08, 0.06)
        return (min(y, 0.9) if setting == "underwater" else y), False
    may_fly = SKY in home and (home == SKY or setting == "sea" or r.random() < 0.35)
    if setting == "plain":
        y = centred + (0.0 if len(cast.subjects) == 1 else 0.04) + r.uniform(-0.02, 0.02)
        return y, home != SKY and UNDERWATER not in home and r.random() < 0.6
    if UNDERWATER in home or (may_fly and (GROUND not in home or setting == "sea" or r.random() < 0.4)):
        return _floating(subject, size, cast, ground, r), False
    if WATER in home:
        afloat = {"lake": 0.76, "beach": 0.7}
        sea = ground - r.uniform(0, 0.06) if setting != "lake" else 0.0
        return afloat.get(setting, sea), False
    return ground + r.uniform(-0.015, 0.03), True


def _floating(subject: Subject, size: float, cast: Cast, ground: float, r: random.Random) -> float:
    if len(cast.subjects) > 1 or size < 0.5:
        y = 0.07 + size + r.uniform(0, 0.08)
    else:
        y = 0.5 + size * 0.5 - r.uniform(0.08, 0.14)
    return ground - 0.16 + 0.1 * size if subject.name == "rainbow" else y
