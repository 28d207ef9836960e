"""Soft edges, such as hair: closed-form matting (Levin, Lischinski, Weiss, 2008) by pymatting."""

import cv2
import numpy as np
from PIL import Image
from pymatting.alpha.estimate_alpha_cf import estimate_alpha_cf

from apps.background_removal.engines import guided_filter
from apps.background_removal.engines.arrays import Floats, Pixels

# rembg's own: what the mask is sure of, and how far from that an edge may still be soft, in pixels.
SURELY, SURELY_NOT = 240, 10
BAND = 10
# The time grows faster than the number of pixels in the band: so many take about two seconds, while a mask
# of half a megapixel that is soft all over takes minutes. Where there are more, a smaller copy is matted.
MOST_PIXELS = 1_000_000
MOST_UNKNOWN = 50_000
# For the subject's own colours: wide, then narrow; and so many rows at a time.
WINDOWS = (90, 6)
STRIP = 1024

_UNKNOWN = 128


def refined(image: Image.Image, mask: Image.Image) -> Image.Image | None:
    """The mask (L) with the soft edges that the picture (RGB) has along it.

    None where the mask is sure of nothing, inside or outside: there is nothing to go by then.
    """
    scale = min(1.0, (MOST_PIXELS / (image.width * image.height)) ** 0.5)
    small, trimap = _reduced(image, mask, scale)
    while (unknown := np.count_nonzero(trimap == _UNKNOWN)) > MOST_UNKNOWN:
        scale *= 0.95 * (MOST_UNKNOWN / unknown) ** 0.5
        small, trimap = _reduced(image, mask, scale)
    if not (trimap == 0).any() or not (trimap == 255).any():
        return None
    alpha = _matted(small, trimap)
    if scale == 1:
        return Image.fromarray((alpha * 255 + 0.5).astype(np.uint8))
    return _enlarged(alpha, small, trimap, image)


def without_background(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture (RGB) with the subject's own colours where background shines through its soft edge."""
    result = Image.new("RGB", image.size)
    for top in range(0, image.height, STRIP):  # in floats, a large picture would take gigabytes at once
        first, bottom = max(0, top - WINDOWS[0]), min(image.height, top + STRIP)
        box = (0, first, image.width, min(image.height, bottom + WINDOWS[0]))
        own = _own_colours(image.crop(box), mask.crop(box))
        result.paste(own.crop((0, top - first, image.width, bottom - first)), (0, top))
    return result


def _own_colours(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Two rounds of blurring: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021."""
    colours = np.asarray(image, np.float32)
    alpha = np.asarray(mask, np.float32)[..., None] / 255
    subject: Floats = colours
    background: Floats = colours
    for window in WINDOWS:
        subject_near, background_near = _near(subject, alpha, window), _near(background, 1 - alpha, window)
        subject = subject_near + alpha * (colours - alpha * subject_near - (1 - alpha) * background_near)
        subject, background = np.clip(subject, 0, 255), background_near
    return Image.fromarray((subject + 0.5).astype(np.uint8))


def _near(colours: Floats, weight: Floats, window: int) -> Floats:
    """The weighted mean of the colours around each pixel."""
    area = (window, window)
    mean: Floats = cv2.blur(colours * weight, area) / (cv2.blur(weight, area)[..., None] + 1e-5)
    return mean


def _reduced(image: Image.Image, mask: Image.Image, scale: float) -> tuple[Image.Image, Pixels]:
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BOX)
    sure = np.asarray(mask.resize(size, Image.Resampling.BOX))
    kernel = np.ones((max(1, round(BAND * scale)),) * 2, np.uint8)
    trimap = np.full(sure.shape, _UNKNOWN, np.uint8)
    # Beyond the picture's edge lies more of the same.
    trimap[cv2.erode((sure > SURELY).astype(np.uint8), kernel) > 0] = 255
    trimap[cv2.erode((sure < SURELY_NOT).astype(np.uint8), kernel) > 0] = 0
    return small, trimap


def _matted(image: Image.Image, trimap: Pixels) -> Floats:
    """Alpha from 0 to 1. Only the part of the picture around the band is solved."""
    rows, columns = np.nonzero(trimap == _UNKNOWN)
    alpha = trimap.astype(np.float32) / 255
    if rows.size:
        around = (
            slice(max(0, rows.min() - BAND), rows.max() + BAND + 1),
            slice(max(0, columns.min() - BAND), columns.max() + BAND + 1),
        )
        known = trimap[around] / 255
        known[trimap[around] == _UNKNOWN] = 0.5
        if (known == 0).any() and (known == 1).any():
            alpha[around] = estimate_alpha_cf(np.asarray(image)[around] / 255, known)
    return np.clip(alpha, 0, 1)


def _enlarged(alpha: Floats, small: Image.Image, trimap: Pixels, image: Image.Image) -> Image.Image:
    """In the size of the picture: fitted to its edges in the band, and nothing in doubt elsewhere."""
    fitted = guided_filter.fit(alpha, np.asarray(small), image)
    certain = Image.fromarray(trimap).resize(image.size, Image.Resampling.NEAREST)
    in_band = certain.point([255 if level == _UNKNOWN else 0 for level in range(256)])
    return Image.composite(fitted, certain, in_band)
