"""GrabCut (Rother, Kolmogorov, Blake, SIGGRAPH 2004) from OpenCV: masks without any weights.

It works on a copy of at most `SIDE` pixels a side and takes the outline to full size afterwards, so that a
click on a large photo costs little more than one on a small one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.smart_mask.engines import edges, saliency
from apps.smart_mask.segmenting import Embedding, Flags, OnStep, Pixels, Point, Prompts, Segmented

# Where OpenCV's cost per iteration (it grows with the area) is still well below what a person notices.
SIDE = 384
ITERATIONS = 2
# A click is this wide, as a part of the longer side: what is right beside it surely belongs to it.
_CLICK = 0.008
# A mask's stray specks below this part of its largest piece are noise of the colour model.
_SPECK = 0.05

# What is so much nearer to a click than to the outside surely belongs to it: without that, GrabCut gives up
# one of two clicked parts that differ in colour.
_NEAR = 0.3

Labels = NDArray[np.uint8]  # H x W of cv2.GC_*


class GrabCut:
    """Masks from colours alone. Has no state: any number of threads may share one."""

    def encode(self, image: Pixels, *, on_step: OnStep) -> Embedding:
        """The reduced copy, and the full-size picture in grey that the outline is fitted to."""
        height, width = image.shape[:2]
        scale = min(1.0, SIDE / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image.copy()
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        on_step(1, 1)
        return Embedding(width, height, (small, grey))

    def segment(self, embedding: Embedding, prompts: Prompts) -> Segmented:
        """See `Segmenter.segment`. The score is how little the mask depends on where its edge is drawn."""
        small, grey = embedding.parts
        scaled = _scaled(prompts, embedding, small.shape[:2])
        inside = _cut(small, _labels(small, scaled))
        inside = _wanted_pieces(inside, scaled)
        mask = edges.fitted(inside, small, grey)
        _keep_clicks(mask, prompts)
        return Segmented(mask, edges.decidedness(mask))


def _scaled(prompts: Prompts, embedding: Embedding, shape: tuple[int, ...]) -> Prompts:
    """The prompts in pixels of the reduced copy."""
    height, width = shape[:2]
    across, down = width / embedding.width, height / embedding.height
    points = tuple((min(x * across, width - 1), min(y * down, height - 1)) for x, y in prompts.points)
    box = prompts.box and (
        prompts.box[0] * across,
        prompts.box[1] * down,
        prompts.box[2] * across,
        prompts.box[3] * down,
    )
    guidance = prompts.guidance
    if guidance is not None:
        shares = cv2.resize(guidance.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        guidance = shares >= min(0.5, float(shares.max()))  # a stroke thinner than a pixel still counts
    return Prompts(points, prompts.labels, box, guidance)


def _labels(image: Pixels, prompts: Prompts) -> Labels:
    """Where the thing surely or probably is, as GrabCut takes it."""
    not_here = _discs(image, prompts.outside)
    here = _discs(image, prompts.inside) & ~not_here
    beyond = _beyond(image, prompts)
    surely, probably = _shape(image, prompts, here, not_here | beyond)
    labels = np.where(probably, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[surely | here] = cv2.GC_FGD
    if prompts.box:
        labels[beyond] = cv2.GC_BGD
    labels[not_here] = cv2.GC_BGD
    return labels


def _shape(image: Pixels, prompts: Prompts, here: Flags, outside: Flags) -> tuple[Flags, Flags]:
    """What surely, and what probably is the thing: the guidance, what is nearer to the clicks than to the
    outside, the whole box, or what stands out.
    """
    if prompts.guidance is not None:
        return here, prompts.guidance
    if prompts.box and not prompts.inside:
        return here, ~outside
    contours = saliency.contours(image)
    from_outside = saliency.distances(contours, outside)
    if not prompts.inside:
        return here, _main_piece(from_outside)
    from_clicks = saliency.distances(contours, here)
    return from_clicks < _NEAR * from_outside, from_clicks < from_outside


def _main_piece(salience: saliency.Distances) -> Flags:
    """The most salient connected part; what is near the middle counts more."""
    height, width = salience.shape
    levels = np.clip(salience / max(float(salience.max()), 1e-6) * 255, 0, 255).astype(np.uint8)
    _, above = cv2.threshold(levels, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    y, x = np.mgrid[0:height, 0:width]
    middle = np.exp(-(((x / width - 0.5) / 0.35) ** 2 + ((y / height - 0.5) / 0.35) ** 2) / 2)
    count, pieces = cv2.connectedComponents(above)
    if count < 2:
        return np.ones(salience.shape, bool)
    weights = np.bincount(pieces.ravel(), (middle * levels).ravel(), count)
    weights[0] = 0
    return np.asarray(pieces == int(weights.argmax()))


def _beyond(image: Pixels, prompts: Prompts) -> Flags:
    """What lies outside the box; without a box the picture's own rim."""
    if not prompts.box:
        return saliency.rim(image)
    x0, y0, x1, y1 = prompts.box
    beyond = np.ones(image.shape[:2], bool)
    beyond[int(y0) : max(int(y0) + 1, round(y1)), int(x0) : max(int(x0) + 1, round(x1))] = False
    return beyond


def _cut(image: Pixels, labels: Labels) -> Flags:
    """GrabCut's decision. Where one side has no pixel at all, there is nothing to decide."""
    foreground = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    if foreground.all() or not foreground.any():
        return np.asarray(foreground)
    background, thing = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its k-means starts at random: the same click is to give the same mask
    picture = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    cv2.grabCut(picture, labels, None, background, thing, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))


def _wanted_pieces(inside: Flags, prompts: Prompts) -> Flags:
    """The connected parts that a click is on; without clicks all but specks."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8))
    if count < 2:
        return inside
    clicked = {int(pieces[int(y), int(x)]) for x, y in prompts.inside} - {0}
    if not clicked:
        areas = stats[1:, cv2.CC_STAT_AREA]
        clicked = {int(piece) + 1 for piece in np.flatnonzero(areas >= _SPECK * areas.max())}
    return np.isin(pieces, list(clicked))


def _discs(image: Pixels, points: tuple[Point, ...]) -> Flags:
    drawn = np.zeros(image.shape[:2], np.uint8)
    radius = max(1, round(_CLICK * max(drawn.shape)))
    for x, y in points:
        cv2.circle(drawn, (int(x), int(y)), radius, 1, -1)
    return drawn.astype(bool)


def _keep_clicks(mask: NDArray[np.float32], prompts: Prompts) -> None:
    """A clicked pixel is what the click said, whatever the colours say."""
    height, width = mask.shape
    for (x, y), label in zip(prompts.points, prompts.labels, strict=True):
        mask[min(int(y), height - 1), min(int(x), width - 1)] = label
