"""Finds faces with YuNet, a detector of 230 kB (Wu, Peng, Yu 2023), through OpenCV."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.face_swap.engines.geometry import Similarity, into_frame
from apps.face_swap.faces import Face, Pixels, Points

# Trained on faces of 10 to 300 pixels: a small copy shows it the large ones, a larger copy the small.
_SIDES = (320, 1280)
_LEAST_SIDE = 64
# Below it come dogs and teapots; faces in profile score from about 0.75.
_LEAST_SCORE = 0.7
_SAME_FACE = 0.4  # intersection over union

# One look is off by some three units of the frame. Six, in sizes that suit it and mirrored, are off by one.
_LOOKS = (128, 160, 208)
_MOST_TURNS, _UPRIGHT = 6, 2.0  # degrees
_VIEW = 512  # pixels: more of a face than the largest look needs
_MIRRORED = [1, 0, 2, 4, 3]  # left becomes right


class YuNet:
    """A `Detector` that reads its model from `file`."""

    name = "yunet"

    def __init__(self, file: Path) -> None:
        self._model = np.frombuffer(file.read_bytes(), np.uint8)

    def find(self, image: Pixels) -> list[Face]:
        rows: list[NDArray[np.float32]] = []
        for scale in _scales(image):
            size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
            small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            for row in self._rows(small, _LEAST_SCORE):
                rows.append(np.concatenate([row[:14] / scale, row[14:]]))
        return [_face(row) for row in _distinct(rows)]

    def landmarks(self, image: Pixels, face: Face) -> Points:
        """The mean over several sizes, mirrored too, of the face held upright: what is left is noise."""
        corner, view = _square_around(face, image)
        shrunk = min(1.0, _VIEW / len(view))
        side = round(len(view) * shrunk)
        view = cv2.resize(view, (side, side), interpolation=cv2.INTER_AREA)
        seen = self._seen(view, _LOOKS, self._roll(view, face))
        if not seen:
            return face.landmarks
        mean: Points = (np.mean(seen, axis=0) + 0.5) / shrunk - 0.5 + corner
        return mean

    def _roll(self, view: Pixels, face: Face) -> float:
        """By how many degrees the face in `view` is to be turned to be upright.

        YuNet sees tilted faces, but less tilted than they are: each look at what it makes of one tells more.
        """
        roll = -into_frame(face.landmarks).degrees
        for _ in range(_MOST_TURNS):
            seen = self._seen(view, _LOOKS[:1], roll)
            more = -into_frame(np.mean(seen, axis=0)).degrees - roll if seen else 0.0
            roll += more
            if abs(more) < _UPRIGHT:
                break
        return roll

    def _seen(self, view: Pixels, sizes: Sequence[int], roll: float) -> list[Points]:
        return [points for size in sizes for points in self._looks(view, size, roll)]

    def _looks(self, view: Pixels, size: int, roll: float) -> Iterator[Points]:
        """The landmarks of the face in the middle of `view`: turned, `size` pixels large, and mirrored."""
        middle = (len(view) - 1) / 2
        turn = cv2.getRotationMatrix2D((middle, middle), roll, 2 * size / len(view))
        turn[:, 2] += size - 0.5 - middle
        upright = cv2.warpAffine(view, turn, (2 * size, 2 * size), borderMode=cv2.BORDER_REPLICATE)
        for mirrored in (False, True):
            rows = self._rows(
                np.ascontiguousarray(upright[:, ::-1]) if mirrored else upright, _LEAST_SCORE / 2
            )
            if not len(rows):
                continue
            off = rows[:, :2] + rows[:, 2:4] / 2 - size
            found = rows[np.argmin((off**2).sum(axis=1)), 4:14].reshape(5, 2).astype(np.float64)
            if mirrored:
                found = ([2 * size - 1, 0] + found * [-1, 1])[_MIRRORED]
            yield Similarity(turn).inverse(found)

    def _rows(self, image: Pixels, least_score: float) -> NDArray[np.float32]:
        """n x 15: box (x, y, width, height), five landmarks, score. The best first."""
        image = _padded(image)
        height, width = image.shape[:2]
        # Made anew each time (2 ms): one of them cannot serve two threads or two sizes at once.
        detector = cv2.FaceDetectorYN.create(
            "onnx", self._model, np.empty(0, np.uint8), (width, height), least_score, 0.3, 500
        )
        _, rows = detector.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        return np.empty((0, 15), np.float32) if rows is None else rows


def _padded(image: Pixels) -> Pixels:
    """The picture with room for every layer of the model: in 32 pixels or less OpenCV 4.14 finds faces made
    of memory that nobody has written to."""
    height, width = image.shape[:2]
    below, right = max(0, _LEAST_SIDE - height), max(0, _LEAST_SIDE - width)
    if not below and not right:
        return image
    padded: Pixels = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE)
    return padded


def _scales(image: Pixels) -> list[float]:
    longest = max(image.shape[:2])
    return sorted({min(1.0, side / longest) for side in _SIDES})


def _square_around(face: Face, image: Pixels) -> tuple[Points, Pixels]:
    """(its corner in the picture, a square of twice the face's size, continued beyond the picture)."""
    left, top, right, bottom = face.box
    reach = max(2, round(max(right - left, bottom - top)))
    corner = np.round([(left + right) / 2 - reach, (top + bottom) / 2 - reach]).astype(int)
    x0, y0 = corner
    inner = image[max(0, y0) : max(0, y0 + 2 * reach), max(0, x0) : max(0, x0 + 2 * reach)]
    above, before = max(0, -y0), max(0, -x0)
    below, behind = 2 * reach - above - len(inner), 2 * reach - before - inner.shape[1]
    return corner, cv2.copyMakeBorder(inner, above, below, before, behind, cv2.BORDER_REPLICATE)


def _face(row: NDArray[np.float32]) -> Face:
    x, y, width, height = map(float, row[:4])
    return Face((x, y, x + width, y + height), row[4:14].reshape(5, 2).astype(np.float64), float(row[14]))


def _distinct(rows: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Each face once: what both copies show is taken from where it scored better."""
    if not rows:
        return []
    boxes = [list(map(float, row[:4])) for row in rows]
    kept = cv2.dnn.NMSBoxes(boxes, [float(row[14]) for row in rows], 0.0, _SAME_FACE)
    return [rows[index] for index in kept]
