"""A cut-out without any weights: GrabCut (Rother, Kolmogorov, Blake, 2004), begun with a guess of our own."""

import cv2
import numpy as np
from PIL import Image

from apps.background_removal.engines import guided_filter
from apps.background_removal.engines.arrays import Bools, Floats, Labels, Pixels
from apps.background_removal.engines.saliency import LIKELIEST, saliency

SIDE = 400  # pixels of the longer side of the copy it works on
ROUNDS = 5
# Saliency, as shares of Otsu's threshold: below the first a pixel is surely background, above the second
# or among the likeliest few percent, surely subject. GrabCut decides about the rest.
SURELY_NOT, SURELY = 0.2, 1.6
# Shares of the largest piece and of the picture: smaller islands are dropped, smaller holes filled.
SMALLEST_ISLAND, LARGEST_HOLE = 0.1, 0.01
# Bars of one colour, as letterboxes have them, may take up to this share of a side each; noise may differ by
# so many of 255 levels. Where a bar ends it is blurred for so many pixels.
LARGEST_BAR, BAR_TOLERANCE, BAR_END = 1 / 3, 24, 2


class GrabCutSegmenter:
    """A `Segmenter` that needs no weights. It finds a thing that stands out, or misses it."""

    def segment(self, image: Image.Image) -> Image.Image:
        """The mask; all 0 where nothing stands out. Works on a copy of 400 pixels, then fits the edge."""
        coarse = _reduced(image)
        likely = np.zeros(coarse.shape[:2], np.float32)
        inside = _between_bars(coarse)
        if min(likely[inside].shape) >= 3:
            likely[inside] = saliency(np.ascontiguousarray(coarse[inside]))
        mask = _tidied(_grab(coarse, likely))
        return guided_filter.fit(mask.astype(np.float32), coarse, image)


def _grab(image: Pixels, likely: Floats) -> Bools:
    threshold = cv2.threshold((likely * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)[0] / 255
    labels = np.where(likely > threshold, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[likely < threshold * SURELY_NOT] = cv2.GC_BGD
    labels[likely >= min(threshold * SURELY, float(np.percentile(likely, LIKELIEST)))] = cv2.GC_FGD
    labels[likely == 0] = cv2.GC_BGD
    subject: Bools = labels % 2 == 1  # GC_FGD is 1, GC_PR_FGD 3
    # It models each side with five colours, and fails where a side has fewer pixels.
    if min(subject.sum(), (~subject).sum()) < 16:
        return np.zeros_like(subject)
    cv2.setRNGSeed(0)  # this thread's own: the same picture gives the same mask
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), labels, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    found: Bools = labels % 2 == 1
    return found


def _tidied(subject: Bools) -> Bools:
    """Without small islands and small holes."""
    labels, sizes = _pieces(subject)
    islands = np.flatnonzero(sizes < SMALLEST_ISLAND * sizes.max(initial=0)) + 1
    kept = subject & ~np.isin(labels, islands)
    labels, sizes = _pieces(~kept)
    holes = np.flatnonzero(sizes < LARGEST_HOLE * subject.size) + 1
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    filled: Bools = kept | np.isin(labels, np.setdiff1d(holes, edge))
    return filled


def _pieces(mask: Bools) -> tuple[Labels, Labels]:
    """The number of the piece of each pixel (0: none), and the sizes of the pieces 1, 2, ..."""
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return labels, statistics[1:, cv2.CC_STAT_AREA]


def _reduced(image: Image.Image) -> Pixels:
    scale = min(1, SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_AREA), np.uint8)


def _between_bars(image: Pixels) -> tuple[slice, slice]:
    """Rows and columns of the picture itself."""
    rows = _between(image)
    return rows, _between(np.swapaxes(image[rows], 0, 1))


def _between(image: Pixels) -> slice:
    return slice(_bar(image), len(image) - _bar(image[::-1]))


def _bar(image: Pixels) -> int:
    """How many of the first rows are a bar, its blurred end among them."""
    flat = np.ptp(image, axis=1).max(axis=1) <= BAR_TOLERANCE
    end = int(np.argmin(flat)) + BAR_END
    if not flat[0] or flat.all() or end > len(image) * LARGEST_BAR:
        return 0
    # A plain ground goes on beside its subject; behind a bar something else begins, all along it.
    changed = np.abs(image[end].astype(int) - image[0].mean(axis=0)).max(axis=1) > BAR_TOLERANCE
    return end if changed.mean() > 0.5 else 0
