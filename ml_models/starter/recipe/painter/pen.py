"""The pen: flat shapes on a canvas, in the coordinates of the thing that is being drawn.

A thing is drawn in a frame of its own: x from -0.5 to 0.5, y from -1 (its top) to 0 (the ground).
The canvas is three times the picture's size and is box-reduced at the end, which is what makes edges smooth.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ml_models.starter.recipe.painter.colours import RGB, Paint

PICTURE = 256
OVERSAMPLING = 3
CANVAS = PICTURE * OVERSAMPLING

SIDES = (-1, 1)

Points = str | Sequence[tuple[float, float]] | NDArray[np.float64]


def outline(points: Points, side: int = 1) -> NDArray[np.float64]:
    """The points as an (n, 2) array.

    Written as in SVG's `points`: "x,y x,y ...". With side=-1 they are mirrored left to right.
    """
    if isinstance(points, str):
        points = [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]
    return np.asarray(points, float) * (side, 1)


def smooth(points: NDArray[np.float64], closed: bool = True) -> NDArray[np.float64]:
    """The Catmull-Rom curve through the points, eight samples to a span."""
    if closed:
        support = np.vstack([points[-1:], points, points[:2]])
    else:
        support = np.vstack([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    spans = []
    for i in range(len(support) - 3):
        a, b, c, d = support[i : i + 4]
        cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
        spans.append(0.5 * cubic)
    if not closed:
        spans.append(points[-1:])
    return np.vstack(spans)


def arc_angles(start: float, stop: float, count: int) -> NDArray[np.float64]:
    """Angles in radians, evenly spread from start to stop (degrees)."""
    return np.radians(np.linspace(start, stop, count))


def gradient(canvas: Image.Image, stops: Sequence[RGB], top: float = 0.0, bottom: float = 1.0) -> None:
    """Fills the canvas from top to bottom (0 to 1) with colours that blend into each other."""
    first, last = int(top * CANVAS), int(bottom * CANVAS)
    place = np.linspace(0, len(stops) - 1, 64)
    index = np.minimum(place.astype(int), len(stops) - 2)
    share = (place - index)[:, None]
    colours = np.array(stops, float)
    column = (colours[index] * (1 - share) + colours[index + 1] * share).round().astype(np.uint8)[:, None, :]
    strip = Image.fromarray(column).resize((1, last - first), Image.Resampling.BILINEAR)
    canvas.paste(strip.resize((CANVAS, last - first)), (0, first))


class Pen:
    """Draws on a canvas in local coordinates.

    (x, y) is where the local origin lies on the canvas and size how long a local unit is, both in canvas
    widths; tilt is in radians. Paint with a fourth channel is blended in.
    """

    def __init__(
        self,
        canvas: Image.Image,
        x: float = 0.0,
        y: float = 0.0,
        size: float = 1.0,
        flipped: bool = False,
        tilt: float = 0.0,
    ) -> None:
        self._solid, self._blended = ImageDraw.Draw(canvas), ImageDraw.Draw(canvas, "RGBA")
        self._x, self._y, self._size = x, y, size
        self._direction = -1 if flipped else 1
        self._cos, self._sin = math.cos(tilt), math.sin(tilt)

    def polygon(self, points: Points, paint: Paint, side: int = 1) -> None:
        """A filled polygon; side=-1 mirrors it."""
        self._draw(paint).polygon(self._pixels(outline(points, side)), fill=paint)

    def blob(self, points: Points, paint: Paint, side: int = 1) -> None:
        """A filled shape with a smooth outline through the points."""
        self.polygon(smooth(outline(points, side)), paint)

    def line(self, points: Points, width: float, paint: Paint, curved: bool = False, side: int = 1) -> None:
        """A stroke with round ends."""
        path = outline(points, side)
        pixels = self._pixels(smooth(path, closed=False) if curved else path)
        radius = width * self._size * CANVAS / 2
        draw = self._draw(paint)
        draw.line(pixels, fill=paint, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (pixels[0], pixels[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=paint)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        paint: Paint,
        tilt: float = 0.0,
        start: float = 0.0,
        stop: float = 360.0,
    ) -> None:
        """A filled ellipse, or the segment of it from start to stop (degrees, clockwise from the right)."""
        t = arc_angles(start, stop, max(12, int(44 * (stop - start) / 360)))
        u, v = rx * np.cos(t), ry * np.sin(t)
        cos, sin = math.cos(tilt), math.sin(tilt)
        self.polygon(np.stack([x + u * cos - v * sin, y + u * sin + v * cos], 1), paint)

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, paint: Paint, radius: float = 0.0
    ) -> None:
        """A filled rectangle, its corners rounded if a radius is given."""
        if radius <= 0:
            self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], paint)
            return
        quarter = arc_angles(0, 90, 8)
        corners = (
            (right - radius, bottom - radius, 0),
            (left + radius, bottom - radius, math.pi / 2),
            (left + radius, top + radius, math.pi),
            (right - radius, top + radius, 1.5 * math.pi),
        )
        arcs = [(x + radius * np.cos(quarter + a), y + radius * np.sin(quarter + a)) for x, y, a in corners]
        self.polygon(np.hstack(arcs).T, paint)

    def arc(
        self, x: float, y: float, rx: float, ry: float, start: float, stop: float, width: float, paint: Paint
    ) -> None:
        """A stroke along an ellipse from start to stop (degrees)."""
        t = arc_angles(start, stop, 16)
        self.line(np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], 1), width, paint)

    def _draw(self, paint: Paint) -> ImageDraw.ImageDraw:
        return self._blended if len(paint) == 4 else self._solid

    def _pixels(self, points: NDArray[np.float64]) -> list[tuple[float, float]]:
        x, y = points[:, 0] * self._direction, points[:, 1]
        across = self._x + (x * self._cos - y * self._sin) * self._size
        down = self._y + (x * self._sin + y * self._cos) * self._size
        return list(zip((across * CANVAS).tolist(), (down * CANVAS).tolist(), strict=True))
