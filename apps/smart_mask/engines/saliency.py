"""Where in a picture the eye goes: what can only be reached from the picture's edge across contours.

Geodesic saliency (Wei, Wen, Zhu, Sun: Geodesic Saliency Using Background Priors, ECCV 2012): the cheapest way
from a background seed to each pixel, where a step costs as much as colour changes along it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.graph import MCP_Geometric

from apps.smart_mask.segmenting import Flags, Pixels

Distances = NDArray[np.float32]

# A step on flat colour still costs a little, so that distance counts where nothing else does.
_FLAT = 0.02


def contours(image: Pixels) -> Distances:
    """How much colour changes at each pixel: the Lab gradient's length, 1 being the picture's strong edges."""
    lab = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 1.0), cv2.COLOR_RGB2LAB).astype(np.float32)
    squares = sum(cv2.Sobel(lab, cv2.CV_32F, *axis) ** 2 for axis in ((1, 0), (0, 1)))
    lengths = np.sqrt(np.sum(squares, axis=2))
    return np.asarray(lengths / max(float(np.percentile(lengths, 95)), 1e-6), np.float32)


def distances(edges: Distances, seeds: Flags) -> Distances:
    """The cost of the cheapest way from any of `seeds` to each pixel; infinite where there are none."""
    starts = np.argwhere(seeds)
    if not len(starts):
        return np.full(edges.shape, np.inf, np.float32)
    costs, _ = MCP_Geometric(_FLAT + edges).find_costs(starts)
    return np.ascontiguousarray(costs, np.float32)
