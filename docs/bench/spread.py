"""Several measurements of one thing, told as their median and how far they lie apart."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The middle and both ends of `runs` measurements, in whatever unit they had."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Raises statistics.StatisticsError for no values at all."""
        return cls(statistics.median(values), min(values), max(values), len(values))

    def text(self, unit: str = "", *, digits: int = 2, scale: float = 1.0) -> str:
        """`0.41 s (0.40 to 0.45)`; every value is multiplied by `scale` first."""
        middle, low, high = (f"{value * scale:.{digits}f}" for value in (self.median, self.low, self.high))
        return f"{middle}{unit and f' {unit}'} ({low} to {high})"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of 100 measurements do not exceed (statistics.quantiles, inclusive)."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
