"""What batching has to reach, as ratios of two servers' figures."""

from dataclasses import dataclass

from docs.bench.batching import figures
from docs.bench.batching.figures import Figure
from docs.bench.batching.measuring import EQUAL, MIXED
from docs.bench.batching.systems import AUTO, LITSERVE, OFF, PLAIN, RAY, SPINNING


@dataclass(frozen=True)
class Target:
    """`system`'s figure over that of `than`: at least or at most `bound`."""

    what: str
    load: str
    figure: Figure
    bound: float
    than: str
    at_least: bool = False
    system: str = AUTO

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def wanted(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:.2f}"


def _over_one_at_a_time(than: str) -> tuple[Target, ...]:
    return (
        Target("mixed: short requests' mean", MIXED, figures.short_mean, 0.45, than),
        Target("mixed: mean of all", MIXED, figures.mean, 0.60, than),
        Target("mixed: slowest long request", MIXED, figures.slowest_long, 2.0, than),
        Target("mixed: pictures a second", MIXED, figures.throughput, 1.05, than, at_least=True),
        Target("equal: pictures a second", EQUAL, figures.throughput, 1.10, than, at_least=True),
        Target("equal: mean", EQUAL, figures.mean, 1.0, than),
    )


def _over_static_batches(than: str) -> tuple[Target, ...]:
    return (
        Target("mixed: mean of all", MIXED, figures.mean, 0.65, than),
        Target("equal: pictures a second", EQUAL, figures.throughput, 0.95, than, at_least=True),
    )


TARGETS = (
    *_over_one_at_a_time(PLAIN),
    *_over_one_at_a_time(SPINNING),
    *_over_one_at_a_time(OFF),
    *_over_static_batches(LITSERVE),
    *_over_static_batches(RAY),
    Target("equal: seconds in all, without batching", EQUAL, figures.total, 1.05, PLAIN, system=OFF),
    Target("equal: seconds in all, without batching", EQUAL, figures.total, 1.05, SPINNING, system=OFF),
)
