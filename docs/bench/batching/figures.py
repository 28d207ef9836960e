"""What a run of a load comes to."""

from collections.abc import Callable, Sequence
from statistics import fmean

from docs.bench.batching.clients import Answer
from docs.bench.batching.measuring import Measured
from docs.bench.spread import Spread, percentile

Answers = Sequence[Answer]
Figure = Callable[[Answers], float]


def throughput(answers: Answers) -> float:
    """Pictures a second, from the load's beginning to the last picture."""
    return len(answers) / max(answer.finished for answer in answers)


def mean(answers: Answers) -> float:
    """Mean latency in seconds."""
    return fmean(answer.latency for answer in answers)


def p95(answers: Answers) -> float:
    """The latency in seconds that 95 % do not exceed."""
    return percentile([answer.latency for answer in answers], 95)


def short_mean(answers: Answers) -> float:
    """Mean latency in seconds of the requests that are not long."""
    return fmean(answer.latency for answer in answers if not answer.arrival.is_long)


def slowest_long(answers: Answers) -> float:
    """Latency in seconds of the slowest long request."""
    return max(answer.latency for answer in answers if answer.arrival.is_long)


def total(answers: Answers) -> float:
    """Seconds until the last picture."""
    return max(answer.finished for answer in answers)


def spread(measured: Measured, load: str, system: str, figure: Figure) -> Spread:
    """Over all rounds."""
    return Spread.of([figure(answers) for answers in measured.answers[load, system]])


def ratio(measured: Measured, load: str, systems: tuple[str, str], figure: Figure) -> Spread:
    """The first system's figure over the second's, taken within each round."""
    pairs = zip(*(measured.answers[load, system] for system in systems), strict=True)
    return Spread.of([figure(ours) / figure(theirs) for ours, theirs in pairs])
