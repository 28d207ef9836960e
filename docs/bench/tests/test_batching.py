"""The loads are what the page says, ratios are taken within a round, all servers run the same libraries."""

import re
from pathlib import Path

import pytest

from docs.bench.batching import figures, loads, targets
from docs.bench.batching.clients import Answer
from docs.bench.batching.loads import Load
from docs.bench.batching.measuring import EQUAL, MIXED, Measured
from docs.bench.batching.systems import AUTO, PLAIN

ROOT = Path(__file__).resolve().parents[3]


def answers(load: Load, latency: float) -> list[Answer]:
    return [Answer(arrival, arrival.at + latency, b"") for arrival in load]


def test_the_mixed_load_has_two_long_requests_among_short_ones_over_three_seconds() -> None:
    load = loads.mixed()
    assert [arrival.steps for arrival in load if arrival.is_long] == [50, 50]
    shorts = [arrival.steps for arrival in load if not arrival.is_long]
    assert (len(shorts), min(shorts), max(shorts)) == (14, 4, 8)
    assert (load[0].at, load[-1].at) == (0.0, 3.0)


def test_a_burst_is_equal_requests_at_once_for_different_pictures() -> None:
    load = loads.burst()
    assert {(arrival.at, arrival.steps) for arrival in load} == {(0.0, 15)}
    assert len({arrival.seed for arrival in load}) == len(load) == 16


def test_random_arrivals_come_at_seventy_percent_of_the_capacity() -> None:
    ends = [loads.poisson(2.0, seed)[-1].at for seed in range(300)]
    assert sum(ends) / len(ends) == pytest.approx(39 / (0.7 * 2.0), rel=0.05)
    assert loads.poisson(2.0, 1) == loads.poisson(2.0, 1) != loads.poisson(2.0, 2)


def test_latency_counts_from_the_moment_a_client_was_due() -> None:
    found = answers(loads.mixed(), 0.5)
    assert figures.mean(found) == pytest.approx(0.5)
    assert figures.throughput(found) == pytest.approx(16 / 3.5)


def test_short_and_long_requests_are_told_apart() -> None:
    found = [Answer(each, each.at + (9.0 if each.is_long else 1.0), b"") for each in loads.mixed()]
    assert (figures.short_mean(found), figures.slowest_long(found)) == (pytest.approx(1), pytest.approx(9))


def test_a_ratio_is_taken_within_each_round() -> None:
    measured = Measured(capacity=1.0)
    measured.answers[EQUAL, AUTO] = [answers(loads.burst(), latency) for latency in (1.0, 2.0, 6.0)]
    measured.answers[EQUAL, PLAIN] = [answers(loads.burst(), latency) for latency in (2.0, 4.0, 6.0)]
    found = figures.ratio(measured, EQUAL, (AUTO, PLAIN), figures.mean)
    assert (found.median, found.low, found.high) == (pytest.approx(0.5), pytest.approx(0.5), pytest.approx(1))


def test_a_target_is_met_on_its_own_side() -> None:
    latency = targets.Target("mean", MIXED, figures.mean, 0.6, PLAIN)
    rate = targets.Target("rate", MIXED, figures.throughput, 1.05, PLAIN, at_least=True)
    assert (latency.is_met(0.6), latency.is_met(0.61), latency.wanted()) == (True, False, "<= 0.60")
    assert (rate.is_met(1.05), rate.is_met(1.04), rate.wanted()) == (True, False, ">= 1.05")


def test_the_other_servers_run_the_same_libraries_as_the_studio() -> None:
    ours, theirs = (
        dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-bench.txt")
    )
    same = ours.keys() & theirs.keys()
    assert {"torch", "diffusers", "transformers"} <= same
    assert {name: theirs[name] for name in same} == {name: ours[name] for name in same}
