"""What was measured, as tables: one a load, the ratios, the targets."""

from collections.abc import Sequence

from docs.bench.batching import figures, loads
from docs.bench.batching.figures import Figure
from docs.bench.batching.measuring import EQUAL, HURRIED, MIXED, POISSON, ROUNDS, Measured
from docs.bench.batching.systems import AUTO, Started
from docs.bench.batching.targets import TARGETS
from docs.bench.spread import Spread
from docs.bench.table import Table

COMMON: dict[str, Figure] = {
    "pictures a second": figures.throughput,
    "mean": figures.mean,
    "p95": figures.p95,
}
ONLY_MIXED: dict[str, Figure] = {"short: mean": figures.short_mean, "slowest long": figures.slowest_long}
FIGURES = {
    EQUAL: COMMON,
    MIXED: {**COMMON, **ONLY_MIXED},
    HURRIED: {**COMMON, **ONLY_MIXED},
    POISSON: COMMON,
}


def tables(measured: Measured, servers: Started, threads: int) -> list[Table]:
    """In the order in which they are read."""
    names = [system.name for system in servers.systems]
    notes = _notes(measured, threads)
    found = [_load_table(measured, load, names, notes[load]) for load in FIGURES]
    missing = [f" Missing: {name}, which did not start here." for name in servers.missing]
    return [*found, _ratios(measured, names, "".join(missing)), _targets(measured, names)]


def _notes(measured: Measured, threads: int) -> dict[str, str]:
    return {
        EQUAL: (
            f"{loads.BURST} requests of {loads.STEPS} steps at once. Over HTTP on loopback, the starter "
            "model, 256 x 256, guidance 5, the same prompts and seeds, pictures that are the same but for "
            f"rounding; {threads} threads of torch for all; latencies in seconds. {ROUNDS} rounds, the "
            "servers in rotated order; those whose turn it is not are stopped (SIGSTOP). Median (min to max)."
        ),
        MIXED: (
            f"{len(loads.MIXED_LONG)} requests of 50 steps and {loads.MIXED_SHORT} of 4 to 8 steps, evenly "
            f"over {loads.MIXED_SECONDS:.0f} seconds."
        ),
        HURRIED: (
            f"The same requests over {loads.HURRIED_SECONDS} seconds: they come faster than one at a time "
            "can be painted."
        ),
        POISSON: (
            f"{loads.POISSON} requests of {loads.POISSON_STEPS} steps at random, on average at 70 % of what "
            f"plain diffusers can do ({measured.capacity:.2f} such pictures a second); other moments in "
            "every round."
        ),
    }


def _load_table(measured: Measured, load: str, names: Sequence[str], note: str) -> Table:
    columns = FIGURES[load]
    rows = [
        (
            name,
            *(figures.spread(measured, load, name, figure).text() for figure in columns.values()),
            Spread.of(measured.batches[load]).text(digits=1)
            if name == AUTO and measured.batches[load]
            else "",
        )
        for name in names
    ]
    return Table(f"Load: {load}", note, ("", *columns, "requests a forward pass"), rows)


def _ratios(measured: Measured, names: Sequence[str], missing: str) -> Table:
    others = [name for name in names if name != AUTO]
    rows = [
        (
            f"{load}: {column}",
            *(figures.ratio(measured, load, (AUTO, other), figure).text() for other in others),
        )
        for load, columns in FIGURES.items()
        for column, figure in columns.items()
    ]
    note = f"{AUTO} over each of the others, within each round; pictures a second: more is better.{missing}"
    return Table("Ratios", note, ("", *others), rows)


def _targets(measured: Measured, names: Sequence[str]) -> Table:
    rows = []
    for target in TARGETS:
        if target.than in names:
            found = figures.ratio(measured, target.load, (target.system, target.than), target.figure)
            met = "yes" if target.is_met(found.median) else "no"
            rows.append((target.what, f"{target.system} / {target.than}", target.wanted(), found.text(), met))
    note = (
        "Set before anything was measured, but for the hurried load: it came when a fault of the plain "
        "server was mended that had made it half as fast, so that the mixed load no longer keeps it busy. "
        "The median decides."
    )
    return Table("Targets", note, ("", "ratio of", "target", "measured", "met"), rows)
