"""The square patches of a picture as rows of numbers, and their principal components.

A picture here is H x W x 3, float32, within a frame of `RADIUS` mirrored pixels, so that every one of its
pixels is the centre of a patch. Places are indices of the picture's pixels, row by row, without the frame.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.intp]

RADIUS = 3  # patches of 7 x 7 pixels
_COMPONENTS = 20  # of their 147 values, which keeps some 99 % of a photo's variance
_SAMPLES = 2000  # patches that the components are taken from
_AT_ONCE = 50_000


def framed(picture: Floats) -> Floats:
    """The picture within its frame."""
    return np.pad(picture, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), "symmetric")


def basis_of(picture: Floats, centres: Places, width: int) -> Floats:
    """The principal components of some of the patches at `centres`: 147 x at most 20."""
    some = centres[:: max(1, len(centres) // _SAMPLES)]
    patches = _patches(picture, some, width)
    _, _, components = np.linalg.svd(patches - patches.mean(axis=0), full_matrices=False)
    return np.ascontiguousarray(components[:_COMPONENTS].T, dtype=np.float32)


def components(picture: Floats, centres: Places, width: int, basis: Floats) -> Floats:
    """Every patch at `centres` in terms of the `basis`, one a row."""
    result = np.empty((len(centres), basis.shape[1]), np.float32)
    for start in range(0, len(centres), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        result[some] = _patches(picture, centres[some], width) @ basis
    return result


def in_frame(places: Places, width: int) -> Places:
    """Places as indices of the framed picture's pixels."""
    rows, columns = np.divmod(places, width)
    return np.asarray((rows + RADIUS) * (width + 2 * RADIUS) + columns + RADIUS)


def shifts(width: int) -> Places:
    """From a patch's centre to each of its pixels, as differences of indices in the frame."""
    steps = np.arange(-RADIUS, RADIUS + 1)
    return np.asarray((steps[:, None] * (width + 2 * RADIUS) + steps).reshape(-1))


def _patches(picture: Floats, centres: Places, width: int) -> Floats:
    flat = picture.reshape(-1, 3)
    found: Floats = flat[in_frame(centres, width)[:, None] + shifts(width)]
    return found.reshape(len(centres), -1)
