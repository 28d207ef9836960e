"""Who asks for which picture when. A schedule is fixed before anything is measured, and the same for all."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

STEPS = 15
BURST = 16
MIXED_SHORT = 14
MIXED_SECONDS = 3.0
HURRIED_SECONDS = 1.5
# The places of the long requests among all: one comes first, one in between.
MIXED_LONG = {0: 50, 5: 50}
POISSON = 40
POISSON_STEPS = 4
POISSON_SHARE = 0.7

THINGS = ("ball", "cube", "house", "tree", "boat", "star", "cat", "cup")
COLOURS = ("red", "blue", "green", "yellow")


@dataclass(frozen=True)
class Arrival:
    """A picture of `steps` steps, asked for `at` seconds after the load begins."""

    at: float
    steps: int
    prompt: str
    seed: int

    @property
    def is_long(self) -> bool:
        """Whether it takes much longer than the others of the mixed load."""
        return self.steps > STEPS

    def body(self) -> dict[str, Any]:
        """As `POST /api/v1/image-generation/generate/` takes it; the other servers take the same."""
        return {
            "prompt": self.prompt,
            "seed": self.seed,
            "num_inference_steps": self.steps,
            "guidance_scale": 5.0,
            "width": 256,
            "height": 256,
        }


Load = Sequence[Arrival]


def burst(count: int = BURST, steps: int = STEPS) -> Load:
    """Equal requests, all at once."""
    return [_arrival(number, 0.0, steps) for number in range(count)]


def mixed(seconds: float = MIXED_SECONDS) -> Load:
    """Two requests of 50 steps and 14 of 4 to 8 steps, evenly over so many seconds."""
    count = MIXED_SHORT + len(MIXED_LONG)
    return [
        _arrival(number, number * seconds / (count - 1), MIXED_LONG.get(number, 4 + number % 5))
        for number in range(count)
    ]


def poisson(capacity: float, seed: int) -> Load:
    """Equal requests at random, on average at 70 % of `capacity` (such pictures a second)."""
    dice = random.Random(seed)  # noqa: S311 - arrivals, not secrets
    at, arrivals = 0.0, []
    for number in range(POISSON):
        arrivals.append(_arrival(number, at, POISSON_STEPS))
        at += dice.expovariate(POISSON_SHARE * capacity)
    return arrivals


def _arrival(number: int, at: float, steps: int) -> Arrival:
    colour, thing = COLOURS[number % len(COLOURS)], THINGS[number % len(THINGS)]
    return Arrival(at, steps, f"a {colour} {thing} on a white background", seed=number + 1)
