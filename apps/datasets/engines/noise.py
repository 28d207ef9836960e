"""Gaussian noise of a known strength."""

import math

import numpy as np
from numpy.typing import NDArray

# Standard deviation at level 1, in grey levels: a quarter of the range, where shapes are still to be seen.
STRONGEST = 255 / 4
# What rounding to whole grey levels adds to the variance (of a uniform error of one level).
_ROUNDING = 1 / 12
# Keeps these numbers apart from whatever else is drawn from the same seed.
_STREAM = 0x6E6F697365


def add_noise(pixels: NDArray[np.uint8], level: float, *, seed: int) -> NDArray[np.uint8]:
    """`pixels` (uint8, any shape) with white noise of the standard deviation `level` x 63.75 grey levels.

    Independent for every pixel and channel. The deviation is that of the result, rounding included; what
    falls outside 0 to 255 is clipped, which takes a little of it where pixels are near black or white. Level
    0 changes nothing. The same seed gives the same noise.
    """
    deviation = math.sqrt(max(0.0, (level * STRONGEST) ** 2 - _ROUNDING))
    if not level or not deviation:
        return pixels
    drawn = np.random.default_rng([_STREAM, seed]).standard_normal(pixels.shape, dtype=np.float32)
    return np.clip(np.rint(pixels + deviation * drawn), 0, 255).astype(np.uint8)
