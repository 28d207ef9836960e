"""Which part of a photo is probably its subject, told without a trained network: a first guess for GrabCut.

Three hints are joined. What is unlike the regions that touch the border is the subject (robust background
detection: Zhu, Liang, Wei, Sun, "Saliency Optimization from Robust Background Detection", CVPR 2014; the
constants are the paper's unless a comment says otherwise). Colours that are more frequent in the middle than
around it are the subject's. And a subject is in the middle, or, in a portrait, below its face.
"""

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from skimage.segmentation import slic

from apps.background_removal.engines.arrays import Bools, Floats, Labels, Pixels

# Two coarsenesses, because one mistake at a border of regions would otherwise decide.
REGION_COUNTS = (150, 350)
COLOUR_SIGMA = 10.0  # in CIE Lab units, for what counts as one colour
DISTANCE_SIGMA = 0.4  # as a share of the longer side, for how far a contrast reaches
# Our own, found on a handful of photos: how wide the middle is, as a share of each side, and for colours.
MIDDLE = 0.5
MIDDLE_FOR_COLOURS = 0.45
LIKELIEST = 97  # percent of a picture is less likely to be the subject than what surely is
SURELY_HEAD = 0.75  # within about half a face's width of its middle
BINS = (16, 32, 32)  # of the colour histogram: lightness matters less than hue

_FACES = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"


def saliency(image: Pixels) -> Floats:
    """How likely each pixel belongs to the subject: float32, H x W, from 0 to 1.

    `image` is RGB, uint8, H x W x 3, a few hundred pixels long: regions and distances are meant for that.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    heads, people = _portrait(image)
    place = people if people.any() else _middle(image, MIDDLE)
    around = people if people.any() else _middle(image, MIDDLE_FOR_COLOURS)
    regions = np.sum([_unlike_the_border(image, lab, count) for count in REGION_COUNTS], axis=0)
    likely = _scaled((_scaled(regions) + _scaled(_subject_colours(image, around))) * place)
    # As likely as the likeliest, and no more: another scale would move the thresholds.
    return np.where(heads > SURELY_HEAD, np.maximum(likely, np.percentile(likely, LIKELIEST)), likely)


def _unlike_the_border(image: Pixels, lab: Floats, count: int) -> Floats:
    """Robust background detection over some `count` regions of similar colour."""
    labels = slic(image, n_segments=count, compactness=12, start_label=0)
    colours, positions = _means(labels, lab)
    if len(colours) < 3:
        return np.zeros(labels.shape, np.float32)
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    contrast = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    neighbours = _neighbours(labels, len(colours))
    linked = neighbours.copy()
    for one, other in combinations(border, 2):  # the border is one place: a subject may split it
        linked[one, other] = linked[other, one] = True
    background = _background_weight(contrast, neighbours, linked, border)
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    foreground = _scaled((contrast * np.exp(-(distance**2) / (2 * DISTANCE_SIGMA**2))) @ background)
    return _scaled(_smoothest(contrast, neighbours, linked, background, foreground)[labels]).astype(
        np.float32
    )


def _background_weight(contrast: Floats, neighbours: Bools, linked: Bools, border: Labels) -> Floats:
    """0 to 1 a region: how firmly it hangs together with the border, for its size."""
    nearest = np.where(neighbours, contrast, np.inf).min(axis=1)
    # Regions of one surface differ by about this much: it is no way travelled.
    usual = nearest[np.isfinite(nearest)].mean()
    steps = csr_array(np.where(linked, np.maximum(contrast - usual, 0) + 1e-6, 0))
    alike = np.exp(-(dijkstra(steps, directed=False) ** 2) / (2 * COLOUR_SIGMA**2))
    on_border = np.isin(np.arange(len(contrast)), border)
    weight: Floats = 1 - np.exp(-((alike @ on_border / np.sqrt(alike.sum(axis=1))) ** 2) / 2)
    return weight


def _smoothest(
    contrast: Floats,
    neighbours: Bools,
    linked: Bools,
    background: Floats,
    foreground: Floats,
) -> Floats:
    """The saliency that agrees best with both weights and between neighbours: a linear system (eq. 9)."""
    once = neighbours.astype(np.float32)
    related = linked | (once @ once > 0)  # neighbours of neighbours as well
    weights = np.where(related, np.exp(-(contrast**2) / (2 * COLOUR_SIGMA**2)) + 0.1, 0)
    np.fill_diagonal(weights, 0)
    certain = 5 * np.where(background < 0.05, 0, background)
    system = np.diag(weights.sum(axis=1) + certain + foreground + 1e-6) - weights
    solved: Floats = np.linalg.solve(system, foreground)
    return solved


def _subject_colours(image: Pixels, place: Floats) -> Floats:
    """How much more frequent each pixel's colour is inside `place` than outside."""
    binned = cv2.cvtColor(image, cv2.COLOR_RGB2LAB) // np.array([256 // bins for bins in BINS], np.uint8)
    cells = np.ravel_multi_index(tuple(np.moveaxis(binned.astype(np.int64), 2, 0)), BINS)
    inside, outside = (
        gaussian_filter(np.bincount(cells.ravel(), weight.ravel(), int(np.prod(BINS))).reshape(BINS), 1)
        for weight in (place, 1 - place)
    )
    inside, outside = inside / max(inside.sum(), 1e-12), outside / max(outside.sum(), 1e-12)
    share = inside / (inside + outside + 1e-12)
    blurred: Floats = cv2.GaussianBlur(share.ravel()[cells].astype(np.float32), (0, 0), 2)
    return blurred


def _middle(image: Pixels, width: float) -> Floats:
    height, length = image.shape[:2]
    rows, columns = np.mgrid[:height, :length].astype(np.float32)
    away = ((rows - height / 2) / (height * width)) ** 2 + ((columns - length / 2) / (length * width)) ** 2
    middle: Floats = np.exp(-away)
    return middle


def _portrait(image: Pixels) -> tuple[Floats, Floats]:
    """Heads, and heads with shoulders, of every face that OpenCV's own cascade finds. All zeros: no face."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    # A cascade keeps notes while it searches, so threads cannot share one.
    found = cv2.CascadeClassifier(str(_FACES)).detectMultiScale(grey, 1.1, 6, minSize=(32, 32))
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    heads, people = np.zeros(grey.shape, np.float32), np.zeros(grey.shape, np.float32)
    for left, top, width, height in found:
        sideways = columns - (left + width / 2)
        head = np.exp(-((sideways / (0.9 * width)) ** 2) - ((rows - top - height / 2) / (1.1 * height)) ** 2)
        below = np.clip((rows - top - 0.6 * height) / (0.8 * height), 0, 1)
        body = np.exp(-((sideways / (1.9 * width)) ** 4)) * below
        heads = np.maximum(heads, head)
        people = np.maximum(people, np.maximum(head, body))
    return heads, people


def _means(labels: Labels, lab: Floats) -> tuple[Floats, Floats]:
    """Colour and position (as shares of the longer side) of each region."""
    rows, columns = np.mgrid[: labels.shape[0], : labels.shape[1]]
    planes = [*np.moveaxis(lab, 2, 0), rows / max(labels.shape), columns / max(labels.shape)]
    sizes = np.bincount(labels.ravel())
    means = np.stack([np.bincount(labels.ravel(), plane.ravel()) / sizes for plane in planes], axis=1)
    return means[:, :3], means[:, 3:]


def _neighbours(labels: Labels, count: int) -> Bools:
    adjacent = np.zeros((count, count), bool)
    for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        adjacent[one, other] = adjacent[other, one] = True
    np.fill_diagonal(adjacent, False)
    return adjacent


def _scaled(values: Floats) -> Floats:
    """From 0 to 1; all zeros where nothing differs."""
    lowest, highest = values.min(), values.max()
    return (values - lowest) / (highest - lowest) if highest > lowest else np.zeros_like(values)
