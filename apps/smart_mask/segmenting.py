"""What a mask engine is asked for. Knows neither Django nor torch: both sides import it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # H x W x 3, RGB
Flags = NDArray[np.bool_]  # H x W
Mask = NDArray[np.float32]  # H x W, 0..1
Point = tuple[float, float]
Box = tuple[float, float, float, float]
OnStep = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Prompts:
    """What is meant, in pixels of the picture; with nothing at all, its main subject.

    `labels[i]` says whether `points[i]` is inside (1) or outside (0); `box` is (x0, y0, x1, y1), inside the
    picture and not empty; `guidance` is a rough mask as large as the picture, True inside, not all False.
    """

    points: tuple[Point, ...] = ()
    labels: tuple[int, ...] = ()
    box: Box | None = None
    guidance: Flags | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing says what is meant."""
        return not self.points and self.box is None and self.guidance is None

    @property
    def inside(self) -> tuple[Point, ...]:
        """The points that are on the thing."""
        return tuple(point for point, label in zip(self.points, self.labels, strict=True) if label)

    @property
    def outside(self) -> tuple[Point, ...]:
        """The points that are not."""
        return tuple(point for point, label in zip(self.points, self.labels, strict=True) if not label)


@dataclass(frozen=True, eq=False)
class Embedding:
    """What an engine keeps of a picture of `width` x `height` pixels, so that each click is cheap.

    `parts` are arrays or tensors in host memory, which only the engine that made them understands.
    """

    width: int
    height: int
    parts: tuple[Any, ...]

    @property
    def nbytes(self) -> int:
        """Bytes that it holds."""
        return sum(part.nbytes for part in self.parts)


@dataclass(frozen=True, eq=False)
class Segmented:
    """`mask`: float32, as large as the picture, 0 outside to 1 inside. `score`: 0..1, how sure the engine is;
    scores of different engines do not compare.
    """

    mask: Mask
    score: float


class Segmenter(Protocol):
    """One loaded engine. Both methods may be called from several threads at a time."""

    def encode(self, image: Pixels, *, on_step: OnStep) -> Embedding:
        """The expensive part, which does not depend on any prompt.

        `on_step(step, steps)` is called now and then; what it raises ends the call.
        """

    def segment(self, embedding: Embedding, prompts: Prompts) -> Segmented:
        """The thing that `prompts` mean in the picture that `encode` made `embedding` of."""
