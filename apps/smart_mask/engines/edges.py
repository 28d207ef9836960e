"""Takes a mask of the reduced copy to full size, along the picture's own edges.

The fast guided filter (He, Sun: Fast Guided Filter, arXiv:1505.00996): within a small window the mask is a
linear function of the picture's brightness. Its two coefficients are smooth, so they are computed on the
reduced copy, enlarged, and applied to the full-size picture.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.smart_mask.segmenting import Flags, Mask, Pixels

# In pixels of the reduced copy: how far its outline may be off.
_RADIUS = 2
# Variance of brightness (0..1) below which a window counts as flat: He and Sun's value for matting.
_FLATNESS = 1e-4
# How steeply the filter's soft answer is turned into a decision.
_STEEPNESS = 3.0


def fitted(inside: Flags, small: Pixels, grey: NDArray[np.uint8]) -> Mask:
    """The mask at the size of `grey`, 0..1; `inside` and `small` (RGB) are the reduced copy's."""
    guide = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    slope, offset = _coefficients(guide, inside.astype(np.float32))
    size = (grey.shape[1], grey.shape[0])
    mask = cv2.resize(slope / 255, size, interpolation=cv2.INTER_LINEAR)
    cv2.multiply(mask, grey, dst=mask, dtype=cv2.CV_32F)
    cv2.add(mask, cv2.resize(offset, size, interpolation=cv2.INTER_LINEAR), dst=mask)
    return np.asarray(np.clip((mask - 0.5) * _STEEPNESS + 0.5, 0, 1, out=mask), np.float32)


def decidedness(mask: Mask) -> float:
    """The IoU of the mask cut at 1/4 with the mask cut at 3/4: 1 where every edge is sharp."""
    wide = int(np.count_nonzero(mask >= 0.25))
    return int(np.count_nonzero(mask >= 0.75)) / wide if wide else 0.0


def _coefficients(guide: NDArray[np.float32], mask: Mask) -> tuple[Mask, Mask]:
    mean_guide, mean_mask = _mean(guide), _mean(mask)
    variance = _mean(guide * guide) - mean_guide * mean_guide
    covariance = _mean(guide * mask) - mean_guide * mean_mask
    slope = np.asarray(covariance / (variance + _FLATNESS), np.float32)
    return _mean(slope), _mean(np.asarray(mean_mask - slope * mean_guide, np.float32))


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    side = 2 * _RADIUS + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)
