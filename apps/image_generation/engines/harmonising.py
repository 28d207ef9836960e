"""Puts an object into a scene so that it belongs there: its colours follow the scene's light, its edge the
scene's pixels.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.image_generation.engines.compositing import MARGIN, Mask, surroundings

# How far the object's lightness, and its two colours, go towards the scene's around it. All the way would
# make a lemon of an orange.
TONE_SHARES = np.array([0.3, 0.12, 0.12], np.float32)
# The most an object's contrast is stretched or pressed.
MOST_CONTRAST = 1.5
# The edge is blended over this share of the object's size: there the scene's gradient decides, inside it the
# object's own colours.
EDGE_SHARE = 0.06
# Below this much of an object there is nothing to blend.
LEAST_PIXELS = 16
# OpenCV cannot solve for less than this on a side.
LEAST_SIDE = 5

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Placed:
    """An object in the scene's coordinates: RGB, and how opaque it is, 0..1, both of the scene's size.

    `is_cut_out`: its edge is the object's own, not that of the picture it came in.
    """

    colours: NDArray[np.uint8]
    opacity: Values
    is_cut_out: bool


def placed(thing: Image.Image, opacity: Image.Image | None, region: Mask) -> Placed:
    """`thing` scaled to fit into the bounds of `region` (not empty), centred there, and cut off by it.

    `opacity` (L, of the same size, white = the object) leaves out what is none of it. Only the object itself
    is fitted, not the void around it.
    """
    cut = opacity or Image.new("L", thing.size, 255)
    is_cut_out = cut.getextrema() != (255, 255)
    bounds = cut.getbbox() or (0, 0, *cut.size)
    thing, cut = thing.convert("RGB").crop(bounds), cut.crop(bounds)
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    scale = min(width / thing.width, height / thing.height)
    size = max(1, round(thing.width * scale)), max(1, round(thing.height * scale))
    corner = left + (width - size[0]) // 2, top + (height - size[1]) // 2

    canvas = Image.new("RGB", region.shape[::-1])
    canvas.paste(thing.resize(size, Image.Resampling.LANCZOS), corner)
    alpha = Image.new("L", canvas.size)
    alpha.paste(cut.resize(size, Image.Resampling.LANCZOS), corner)
    opaque = np.where(region, np.asarray(alpha, np.float32) / 255, 0).astype(np.float32)
    return Placed(np.asarray(canvas), opaque, is_cut_out)


def inserted(scene: Image.Image, thing: Placed) -> Image.Image:
    """`scene` (RGB) with the object in it. Where its opacity is 0 the scene is unchanged, bit for bit."""
    if np.count_nonzero(thing.opacity > 0.5) < LEAST_PIXELS:
        return scene
    left, top, right, bottom = box = surroundings(thing.opacity > 0)
    here = slice(top, bottom), slice(left, right)
    whole = scene.copy()
    local = Placed(thing.colours[here], thing.opacity[here], thing.is_cut_out)
    whole.paste(_inserted(scene.crop(box), local), (left, top))
    return whole


def _inserted(scene: Image.Image, thing: Placed) -> Image.Image:
    around = np.asarray(scene)
    if thing.is_cut_out:
        blended = _edge_blended(_in_the_scenes_light(thing, around), thing.opacity, around)
    else:
        blended = _cloned(thing.colours, (thing.opacity > 0.5).astype(np.uint8), around).astype(np.float32)
    share = thing.opacity[..., None]
    mixed = np.rint(around * (1 - share) + blended * share)
    return Image.fromarray(np.where(share > 0, mixed, around).astype(np.uint8))


def _in_the_scenes_light(thing: Placed, around: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The object's mean and spread in CIELAB, moved part of the way to those of the scene around it.

    Reinhard et al., "Color Transfer between Images" (2001), with statistics of the neighbourhood alone.
    """
    inside = thing.opacity > 0.5
    reach = float(np.clip(np.sqrt(np.count_nonzero(inside)) / 2, 8, MARGIN))
    distance = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5)
    ring = (distance <= reach) & (thing.opacity == 0)
    if np.count_nonzero(ring) < LEAST_PIXELS:
        return thing.colours
    own, scene = _lab(thing.colours), _lab(around)
    mean, spread = own[inside].mean(0), own[inside].std(0)
    aim_mean, aim_spread = scene[ring].mean(0), scene[ring].std(0)
    contrast = np.clip(aim_spread / np.maximum(spread, 1), 1 / MOST_CONTRAST, MOST_CONTRAST)
    moved = (own - mean) * (1 + (contrast - 1) * TONE_SHARES) + mean + (aim_mean - mean) * TONE_SHARES
    rgb: Values = np.asarray(cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_LAB2RGB), np.float32)
    return np.clip(np.rint(rgb * 255), 0, 255).astype(np.uint8)


def _edge_blended(
    thing: NDArray[np.uint8], opacity: Values, around: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """The object as it is in its middle, gradient-domain blended towards its edge (Pérez et al. 2003)."""
    solid = (opacity > 0.5).astype(np.uint8)
    cloned = _cloned(thing, solid, around)
    distance = cv2.distanceTransform(np.pad(solid, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    depth = max(2.0, EDGE_SHARE * float(np.sqrt(np.count_nonzero(solid))))
    own = np.clip(distance / depth, 0, 1)[..., None]
    mixed: NDArray[np.float32] = (thing * own + cloned * (1 - own)).astype(np.float32)
    return mixed


def _cloned(
    thing: NDArray[np.uint8], solid: NDArray[np.uint8], around: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """cv2.seamlessClone in place: it centres the mask's bounds on a point, and wants none at the border."""
    margin = 2
    padded = [
        cv2.copyMakeBorder(each, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        for each in (thing, around)
    ]
    mask = np.pad(solid * 255, margin)
    left, top, width, height = cv2.boundingRect(mask)
    if min(width, height) < LEAST_SIDE:
        return thing
    centre = left + width // 2, top + height // 2
    cloned = cv2.seamlessClone(padded[0], padded[1], mask, centre, cv2.NORMAL_CLONE)
    return np.asarray(cloned[margin:-margin, margin:-margin], np.uint8)


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
