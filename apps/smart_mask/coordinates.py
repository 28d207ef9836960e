"""What a request's numbers mean in a picture: pixels, or fractions of its sides."""

from collections.abc import Sequence
from typing import Literal

from apps.smart_mask.segmenting import Box, Point
from core.exceptions import InvalidInput

Units = Literal["auto", "pixels", "fractions"]
Number = int | float


def points_in(
    points: Sequence[Sequence[Number]], *, units: Units, width: int, height: int
) -> tuple[Point, ...]:
    """The points in pixels of a `width` x `height` picture. InvalidInput (`points`) for one outside."""
    across, down = _scale([number for point in points for number in point], units, width, height)
    found = tuple((float(x) * across, float(y) * down) for x, y in points)
    for number, (x, y) in enumerate(found, 1):
        if not (0 <= x <= width and 0 <= y <= height):
            raise InvalidInput.for_field(
                "points", f"Point {number} is at ({x:g}, {y:g}), outside the picture of {width} x {height}."
            )
    # The far edge, x = width, is where a fraction of 1 lies: its last pixel.
    return tuple((min(x, width - 1.0), min(y, height - 1.0)) for x, y in found)


def box_in(bbox: Sequence[Number], *, units: Units, width: int, height: int) -> Box:
    """The part of `bbox` that is inside a `width` x `height` picture, in pixels.

    InvalidInput (`bbox`) when it is empty, the wrong way round, or outside.
    """
    across, down = _scale(bbox, units, width, height)
    x0, y0, x1, y1 = (float(number) * scale for number, scale in zip(bbox, (across, down) * 2, strict=True))
    if x0 >= x1 or y0 >= y1:
        raise InvalidInput.for_field(
            "bbox", "A bbox is [x0, y0, x1, y1] (not width and height), with x0 < x1 and y0 < y1."
        )
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        raise InvalidInput.for_field("bbox", f"The bbox lies outside the picture of {width} x {height}.")
    return max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)


def are_fractions(numbers: Sequence[Number]) -> bool:
    """Whether `numbers`, of which nothing says what they are, are fractions: all lie in 0..1, and one of them
    is written with a decimal point (a float; JSON's 1 is an int, 1.0 is not).
    """
    return all(0 <= number <= 1 for number in numbers) and any(
        isinstance(number, float) for number in numbers
    )


def _scale(numbers: Sequence[Number], units: Units, width: int, height: int) -> tuple[float, float]:
    fractions = are_fractions(numbers) if units == "auto" else units == "fractions"
    return (float(width), float(height)) if fractions else (1.0, 1.0)
