"""Where things are in a face: the frame all faces share, warps between two of them, the region they cover."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.face_swap.faces import Points

# Where ArcFace's training put the landmarks in a crop of 112 x 112 pixels (insightface, face_align.py): the
# frame in which all measures below are taken. A face is about 75 units wide in it, brows at 40, chin at 114.
FRAME = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)

# The region that carries a likeness, from above the brows to the chin. Found by eye and by the likeness that
# a recogniser sees after a swap: less leaves the old brows and eyelids, more takes hair along.
TOP, BOTTOM = 35.0, 114.0
HALF_WIDTH, NARROWEST, WIDEST = 37.0, 35.0, 44.0
ROUNDNESS = 2.8  # exponent of the superellipse: 2 is an ellipse, more is fuller at the cheeks
SOFT_EDGE = 10.0  # from nothing to all, inwards
# A head that turns shows more of one cheek: the tip of the nose moves away from it, by half as much.
TURN = 2.0

_RING = 12  # points around the face that a warp leaves where they are
_STIFFNESS = 1e-3


@dataclass(frozen=True)
class Similarity:
    """A rotation, a scale and a shift: `matrix` is 2 x 3, as OpenCV takes it."""

    matrix: NDArray[np.float64]

    @classmethod
    def between(cls, points: Points, images: Points) -> "Similarity":
        """The one that takes `points` closest to `images` (Umeyama 1991, least squares)."""
        middle, goal = points.mean(axis=0), images.mean(axis=0)
        centred, wanted = points - middle, images - goal
        left, sizes, right = np.linalg.svd(wanted.T @ centred)
        signs = np.array([1.0, np.sign(np.linalg.det(left @ right)) or 1.0])
        turn = (left * signs) @ right
        scale = (sizes * signs).sum() / max((centred**2).sum(), 1e-9)
        return cls(np.column_stack([scale * turn, goal - scale * turn @ middle]))

    def __call__(self, points: Points) -> Points:
        moved: Points = points @ self.matrix[:, :2].T + self.matrix[:, 2]
        return moved

    @property
    def inverse(self) -> "Similarity":
        back = np.linalg.inv(self.matrix[:, :2])
        return Similarity(np.column_stack([back, -back @ self.matrix[:, 2]]))

    @property
    def degrees(self) -> float:
        """By how much it turns, clockwise as one sees it."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    @property
    def scale(self) -> float:
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))


class ThinPlate:
    """The smoothest warp that takes `points` to `images` (thin-plate spline, Bookstein 1989)."""

    def __init__(self, points: Points, images: Points) -> None:
        self._middle, self._size = points.mean(axis=0), max(float(np.ptp(points, axis=0).max()), 1e-9)
        self._knots = self._scaled(points)
        count = len(points)
        affine = self._affine(self._knots)
        bend = self._bend(self._knots) + _STIFFNESS * np.eye(count)
        system = np.block([[bend, affine], [affine.T, np.zeros((3, 3))]])
        self._weights = np.linalg.solve(system, np.vstack([images, np.zeros((3, 2))]))

    def __call__(self, points: Points) -> Points:
        scaled = self._scaled(points)
        count = len(self._knots)
        moved: Points = (
            self._bend(scaled) @ self._weights[:count] + self._affine(scaled) @ self._weights[count:]
        )
        return moved

    def _scaled(self, points: Points) -> Points:
        scaled: Points = (points - self._middle) / self._size
        return scaled

    def _bend(self, points: Points) -> NDArray[np.float64]:
        squared = ((points[:, None] - self._knots[None]) ** 2).sum(axis=-1)
        bend: NDArray[np.float64] = squared * np.log(np.maximum(squared, 1e-12))
        return bend

    @staticmethod
    def _affine(points: Points) -> NDArray[np.float64]:
        return np.column_stack([np.ones(len(points)), points])


def into_frame(landmarks: Points) -> Similarity:
    """What takes a picture with these landmarks into the shared frame."""
    return Similarity.between(landmarks, FRAME)


def warp(landmarks: Points, images: Points) -> ThinPlate:
    """Takes one face's landmarks to the other's, and what lies around the face only by the similarity."""
    roughly = Similarity.between(landmarks, images)
    angles = np.linspace(0, 2 * np.pi, _RING, endpoint=False)
    ring = into_frame(landmarks).inverse(
        np.column_stack([56 + 60 * np.cos(angles), 72 + 66 * np.sin(angles)])
    )
    return ThinPlate(np.vstack([landmarks, ring]), np.vstack([images, roughly(ring)]))


def region(landmarks: Points) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) around all that `coverage` may find in the picture."""
    corners = np.array([[x, y] for x in (56 - WIDEST - 8, 56 + WIDEST + 8) for y in (TOP, BOTTOM)])
    placed = into_frame(landmarks).inverse(corners)
    (left, top), (right, bottom) = placed.min(axis=0), placed.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def coverage(landmarks: Points, points: Points) -> NDArray[np.float32]:
    """How much of each point belongs to the face, 0 to 1, with a soft edge; exactly 0 outside of it."""
    frame = into_frame(landmarks)
    placed = frame(landmarks)
    middle = placed[[0, 1, 3, 4], 0].mean()
    turned = TURN * (placed[2, 0] - middle)
    across, down = frame(points).T - np.array([[middle], [(TOP + BOTTOM) / 2]])
    left, right = np.clip([HALF_WIDTH + turned, HALF_WIDTH - turned], NARROWEST, WIDEST)
    radius = (
        (np.abs(across) / np.where(across < 0, left, right)) ** ROUNDNESS
        + (np.abs(down) / ((BOTTOM - TOP) / 2)) ** ROUNDNESS
    ) ** (1 / ROUNDNESS)
    inwards = np.hypot(across, down) * (1 / np.maximum(radius, 1e-6) - 1)
    ramp = np.clip(inwards / SOFT_EDGE, 0, 1)
    covered: NDArray[np.float32] = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
    return covered
