"""What batching has to reach, as ratios of two servers' figures."""

from dataclasses import dataclass

from docs.bench.batching import figures
from docs.bench.batching.figures import Figure
from docs.bench.batching.measuring import EQUAL, HURRIED, MIXED
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
        *_mixed_over_one_at_a_time(MIXED, than),
        *_mixed_over_one_at_a_time(HURRIED, than),
        Target("equal: pictures a second", EQUAL, figures.throughput, 1.10, than, at_least=True),
        Target("equal: mean", EQUAL, figures.mean, 1.0, than),
    )


def _mixed_over_one_at_a_time(load: str, than: str) -> tuple[Target, ...]:
    return (
        Target(f"{load}: short requests' mean", load, figures.short_mean, 0.45, than),
        Target(f"{load}: mean of all", load, figures.mean, 0.60, than),
        Target(f"{load}: slowest long request", load, figures.slowest_long, 2.0, than),
        Target(f"{load}: pictures a second", load, figures.throughput, 1.05, than, at_least=True),
    )


def _over_static_batches(than: str) -> tuple[Target, ...]:
    return (
        Target("mixed: mean of all", MIXED, figures.mean, 0.65, than),
        Target("mixed, hurried: mean of all", HURRIED, figures.mean, 0.65, than),
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
