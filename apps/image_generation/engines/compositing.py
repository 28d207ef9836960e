"""Puts a changed region back into its picture: soft inside the region's border, untouched outside it."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

# The border is soft over this share of the picture's shorter side, between these many pixels.
FEATHER_SHARE = 0.015
LEAST_FEATHER, MOST_FEATHER = 2, 24
# So many pixels around a region are looked at.
MARGIN = 64
# Pixels of the longer side on which tones are matched.
TONE_GRID = 128
# The most that a tone is off, in grey levels.
MOST_TONE = 40
# Where the mending would end, in depths of the region: at its deepest place half is mended.
TONE_REACH = 2.0
# Which share of the steps across a border is taken back, and how far inside.
EASE, EASE_PIXELS = 0.5, 4

Mask = NDArray[np.bool_]


def feathered(region: Mask) -> NDArray[np.float32]:
    """How much of the new picture shows, 0..1: 0 outside `region`, rising to 1 within a few pixels inside."""
    width = float(np.clip(min(region.shape) * FEATHER_SHARE, LEAST_FEATHER, MOST_FEATHER))
    padded = np.pad(region.astype(np.uint8), 1, mode="edge")  # a picture's own edge is no border
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    if region.all():
        return np.ones(region.shape, np.float32)
    rising = np.clip(distance / (width + 1), 0, 1).astype(np.float32)
    smooth: NDArray[np.float32] = rising * rising * (3 - 2 * rising)
    return smooth


def surroundings(region: Mask) -> tuple[int, int, int, int]:
    """The box (left, top, right, bottom) that holds `region` (not empty) and what is compared with it.

    Everything here needs no more of a picture than that: in a large photograph it is much quicker.
    """
    height, width = region.shape
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    left, top = max(0, int(columns[0]) - MARGIN), max(0, int(rows[0]) - MARGIN)
    return left, top, min(width, int(columns[-1]) + 1 + MARGIN), min(height, int(rows[-1]) + 1 + MARGIN)


def put_into(picture: Image.Image, painted: Image.Image, region: Mask) -> Image.Image:
    """`picture` with `painted` inside `region` (not empty), `toned` and softly bordered; see `composite`."""
    left, top, right, bottom = box = surroundings(region)
    here, below = region[top:bottom, left:right], picture.crop(box)
    whole = picture.copy()
    whole.paste(composite(below, toned(painted.crop(box), below, here), here), (left, top))
    return whole


def composite(picture: Image.Image, painted: Image.Image, region: Mask) -> Image.Image:
    """`painted` inside `region`, `picture` outside it, bit for bit. Both are RGB and of one size."""
    below, above = np.asarray(picture), np.asarray(painted, np.float32)
    share = feathered(region)[..., None]
    mixed = np.clip(np.rint(below + (above - below) * share), 0, 255)
    return Image.fromarray(np.where(share > 0, mixed, below).astype(np.uint8))


def toned(painted: Image.Image, picture: Image.Image, region: Mask) -> Image.Image:
    """`painted` with its tones shifted inside `region` to meet those of `picture` all along the border.

    What a model paints beside something that it must keep is often a little darker, or bluer, than that. The
    step is measured along the border and carried inwards like a membrane (Pérez et al. 2003), less and less.
    """
    scale = min(1.0, TONE_GRID / max(region.shape))
    grid = max(1, round(region.shape[1] * scale)), max(1, round(region.shape[0] * scale))
    inside = cv2.resize(region.astype(np.float32), grid, interpolation=cv2.INTER_AREA)
    within = inside > 0.5
    if within.all() or not within.any():
        return painted
    distance, outer = ndimage.distance_transform_edt(within, return_indices=True)
    beyond = _mean(picture, ~region, grid)[outer[0], outer[1]]
    steps = beyond - _mean(painted, region, grid)
    # A large step is no tone: another thing begins there.
    weights = (within & (distance < 2) & (np.abs(steps).max(axis=-1) < MOST_TONE)).astype(np.float32)
    if not weights.any():
        return painted
    fading = (1 - distance / (TONE_REACH * float(distance.max())))[..., None]
    offsets = (_filled(steps * weights[..., None], weights) * fading).astype(np.float32)
    offsets = cv2.resize(offsets, picture.size, interpolation=cv2.INTER_LINEAR)
    shifted = np.clip(np.rint(np.asarray(painted, np.float32) + offsets), 0, 255).astype(np.uint8)
    return Image.fromarray(shifted)


def _mean(picture: Image.Image, where: Mask, grid: tuple[int, int]) -> NDArray[np.float32]:
    """The mean colour of what lies `where` in each cell of the grid; 0 in cells without any."""
    weights = where.astype(np.float32)
    sums = cv2.resize(
        np.asarray(picture, np.float32) * weights[..., None], grid, interpolation=cv2.INTER_AREA
    )
    counts = cv2.resize(weights, grid, interpolation=cv2.INTER_AREA)
    mean: NDArray[np.float32] = sums.reshape(*counts.shape, 3) / np.maximum(counts, 1e-6)[..., None]
    return mean


def eased(filled: Image.Image, region: Mask) -> Image.Image:
    """`filled` with half of every step across the border of `region` taken back, within a few pixels inside.

    Two textures that go on from each other still differ from pixel to pixel where they meet, by about twice
    what either does by itself.
    """
    if region.all() or not region.any():
        return filled
    left, top, right, bottom = box = surroundings(region)
    whole = filled.copy()
    whole.paste(_eased(filled.crop(box), region[top:bottom, left:right]), (left, top))
    return whole


def _eased(filled: Image.Image, region: Mask) -> Image.Image:
    values = np.asarray(filled, np.float32)
    distance, outer = ndimage.distance_transform_edt(region, return_indices=True)
    rim = region & (distance < 2)
    steps = np.where(rim[..., None], values[outer[0], outer[1]] - values, 0)
    nearest = ndimage.distance_transform_edt(~rim, return_distances=False, return_indices=True)
    share = np.where(region, np.clip(1 - (distance - 1) / EASE_PIXELS, 0, 1) * EASE, 0)[..., None]
    return Image.fromarray(
        np.clip(np.rint(values + steps[nearest[0], nearest[1]] * share), 0, 255).astype(np.uint8)
    )


def _filled(sums: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """`sums / weights` where there is weight, elsewhere what coarser and coarser copies say (pull-push)."""
    height, width = weights.shape
    here: NDArray[np.float32] = np.asarray(sums / np.maximum(weights, 1e-6)[..., None], np.float32)
    if weights.min() >= 1 or max(height, width) <= 1:
        return here
    half = max(1, (width + 1) // 2), max(1, (height + 1) // 2)
    coarse = _filled(
        cv2.resize(sums, half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0], 3),
        cv2.resize(weights, half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0]),
    )
    beyond = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 3)
    share = np.minimum(weights, 1)[..., None]
    return np.asarray(here * share + beyond * (1 - share), np.float32)
