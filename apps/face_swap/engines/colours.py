"""Gives a face the colours of the place it is put in."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# How far contrasts may be scaled, for lightness and the two colours. A face keeps its light and shade, but
# coloured light goes, and all colour in a black and white picture.
_LEAST, _MOST = (0.7, 0.0, 0.0), (1.1, 1.2, 1.2)
# How far the difference along the edge reaches inwards, in units of the shared frame.
_REACH = 12.0
_SMALL_SIGMA = 6.0


def matched(face: Floats, place: Floats, mask: Floats, *, unit: float) -> Floats:
    """`face` with the colours of `place`, both RGB, 0 to 255, and of one size; `mask` says where the face is.

    First mean and spread of each channel in Lab (Reinhard et al. 2001), then what still differs along the
    mask's edge is carried inwards, as a membrane would (Farbman et al. 2009 do it with coordinates), so that
    no edge is left. `unit` is how many pixels a unit of the shared frame takes.
    """
    own, wanted = _lab(face), _lab(place)
    inside = mask > 0.5
    if not inside.any():
        inside = mask >= mask.max()
    spread = wanted[inside].std(axis=0) / np.maximum(own[inside].std(axis=0), 1e-3)
    own = (own - own[inside].mean(axis=0)) * np.clip(spread, _LEAST, _MOST) + wanted[inside].mean(axis=0)
    own = own + _carried_inwards(wanted - own, 4 * mask * (1 - mask), _REACH * unit)
    matched: Floats = np.clip(cv2.cvtColor(own.astype(np.float32), cv2.COLOR_LAB2RGB) * 255, 0, 255)
    return matched


def _lab(image: Floats) -> Floats:
    lab: Floats = cv2.cvtColor((image / 255).astype(np.float32), cv2.COLOR_RGB2LAB)
    return lab


def _carried_inwards(difference: Floats, weight: Floats, sigma: float) -> Floats:
    """The weighted mean of `difference` around each pixel. It is smooth, so a small copy will do."""
    height, width = weight.shape
    shrunk = min(1.0, _SMALL_SIGMA / sigma)
    size = max(1, round(width * shrunk)), max(1, round(height * shrunk))
    weighted = np.dstack([difference * weight[..., None], weight]).astype(np.float32)
    blurred = cv2.GaussianBlur(
        cv2.resize(weighted, size, interpolation=cv2.INTER_AREA), (0, 0), sigma * shrunk
    )
    mean = blurred[..., :3] / np.maximum(blurred[..., 3:], 1e-4)
    carried: Floats = cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)
    return carried
