"""Finds faces with the cascades that come with OpenCV (Viola, Jones 2001): no download, no weights.

Good for upright faces that look into the camera. Each cascade alone finds faces in trucks; two of them that
were trained apart rarely do so in the same place.
"""

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.face_swap.faces import Face, Pixels, Points

_FOLDER = Path(cv2.__file__).parent / "data"

Box = NDArray[np.float64]  # left, top, side, side

_LONGEST_SIDE = 640
_SMALLEST_FACE = 24  # pixels, in a picture of at most that size
_AGREE = 0.4  # intersection over union
_MARGIN = 0.25  # of a face's side, around it

# Where things are in a face's box, as shares of its side: means over what YuNet and the eye cascade find in
# the boxes of some portraits.
_EYES = np.array([[0.29, 0.38], [0.71, 0.38]])
_NOSE_BELOW_EYES, _MOUTH_BELOW_EYES, _HALF_MOUTH = 0.25, 0.42, 0.18
# Each eye is looked for in its half of the box, between brow and nose, enlarged to so many pixels.
_EYE_TOP, _EYE_BOTTOM, _EYE_VIEW = 0.2, 0.6, 96


class Haar:
    """A `Detector`. Eyes are found, or guessed from the face's box; nose and mouth always are guessed."""

    name = "haar"

    def __init__(self) -> None:
        self._lock = threading.Lock()  # a cascade cannot serve two threads at once
        self._first = _cascade("frontalface_default")
        self._second = _cascade("frontalface_alt2")
        self._eye = _cascade("eye_tree_eyeglasses")

    def find(self, image: Pixels) -> list[Face]:
        """A face's score says how well the two cascades agree on where it is (intersection over union)."""
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        scale = min(1.0, _LONGEST_SIDE / max(grey.shape))
        size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
        small = cv2.equalizeHist(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
        with self._lock:
            found = [(box, self._agreement(small, box)) for box in _boxes(self._first, small, _SMALLEST_FACE)]
            return [self._face(grey, box / scale, score) for box, score in found if score >= _AGREE]

    def landmarks(self, image: Pixels, face: Face) -> Points:
        """As `find` gave them: there is no second opinion to be had."""
        return face.landmarks

    def _agreement(self, image: NDArray[np.uint8], box: Box) -> float:
        """How well the second cascade, which looks only there, agrees that there is a face in `box`."""
        left, top, side, _ = box
        margin = side * _MARGIN
        x0, y0 = max(0, round(left - margin)), max(0, round(top - margin))
        view = image[y0 : round(top + side + margin), x0 : round(left + side + margin)]
        seen = _boxes(self._second, view, round(side / 2)) + np.array([x0, y0, 0, 0])
        return max((_overlap(box, other) for other in seen), default=0.0)

    def _face(self, grey: NDArray[np.uint8], box: Box, score: float) -> Face:
        left, top, side, _ = map(float, box)
        eyes = np.array([self._eye_of(grey, box, half) for half in (0, 1)])
        across = (eyes[1] - eyes[0]) / max(float(np.hypot(*(eyes[1] - eyes[0]))), 1e-9)
        down = np.array([-across[1], across[0]])
        middle = eyes.mean(axis=0)
        mouth = middle + _MOUTH_BELOW_EYES * side * down
        corners = [mouth - _HALF_MOUTH * side * across, mouth + _HALF_MOUTH * side * across]
        nose = middle + _NOSE_BELOW_EYES * side * down
        return Face((left, top, left + side, top + side), np.vstack([eyes, nose, corners]), score)

    def _eye_of(self, grey: NDArray[np.uint8], box: Box, half: int) -> Points:
        left, top, side, _ = box
        x0, y0 = max(0, round(left + half * side / 2)), max(0, round(top + _EYE_TOP * side))
        view = grey[y0 : round(top + _EYE_BOTTOM * side), x0 : round(left + (half + 1) * side / 2)]
        scale = _EYE_VIEW / (side / 2)
        view = cv2.resize(view, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        found = _boxes(self._eye, view, _EYE_VIEW // 4)
        if not len(found):
            guess: Points = box[:2] + _EYES[half] * side
            return guess
        largest = found[np.argmax(found[:, 2])]
        eye: Points = (largest[:2] + largest[2:] / 2) / scale + [x0, y0]
        return eye


def _cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(_FOLDER / f"haarcascade_{name}.xml"))


def _boxes(cascade: cv2.CascadeClassifier, image: NDArray[np.uint8], smallest: int) -> Box:
    found = cascade.detectMultiScale(image, 1.1, 5, minSize=(smallest, smallest))
    return np.array(found, np.float64).reshape(-1, 4)


def _overlap(one: Box, other: Box) -> float:
    left, top = np.maximum(one[:2], other[:2])
    right, bottom = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    common = max(0.0, right - left) * max(0.0, bottom - top)
    return float(common / (one[2] * one[3] + other[2] * other[3] - common))
