"""What the API itself costs: small GETs, beside the least that Django can do."""

from collections import defaultdict
from collections.abc import Sequence

import httpx2

from core.jobs.tests.studio import wait_until
from docs.bench.http_client import one_after_another, side_by_side
from docs.bench.picture import request_body
from docs.bench.server import scratch_studio
from docs.bench.spread import Spread, percentile
from docs.bench.table import Table
from docs.bench.yardstick_process import yardstick

YARDSTICK = "a bare async Django view"
PATHS = ("/health", "/api/v1/jobs/", "/api/v1/models/")
JOBS = 20
ROUNDS = 5
REQUESTS = 200
CONNECTIONS = 8
SECONDS = 1.5

Samples = dict[str, list[Sequence[float]]]
Rates = dict[str, list[float]]


def measure(threads: int) -> Table:
    """Every target once a round, so that whatever drifts drifts under all. The first round only warms up."""
    times: Samples = defaultdict(list)
    rates: Rates = defaultdict(list)
    with scratch_studio(threads) as studio, yardstick() as bare:
        with studio.start().client() as client:
            _fill_jobs(client)
        address = studio.url.removeprefix("http://")
        targets = [(YARDSTICK, bare, "/health"), *((f"`GET {path}`", address, path) for path in PATHS)]
        for number in range(1 + ROUNDS):
            for name, where, path in targets:
                taken = one_after_another(where, path, REQUESTS)
                rate = side_by_side(where, path, connections=CONNECTIONS, seconds=SECONDS)
                if number:
                    times[name].append(taken)
                    rates[name].append(rate)
    return _table(times, rates)


def _fill_jobs(client: httpx2.Client) -> None:
    """Twenty finished jobs of one step each, so that the list has something to show."""
    body = {**request_body(), "num_inference_steps": 1}
    for _ in range(JOBS):
        client.post("/image-generation/generate/async/", json=body).raise_for_status()
    wait_until(lambda: all(job["status"] == "done" for job in client.get("/jobs/").json()["results"]))


def _table(times: Samples, rates: Rates) -> Table:
    yard = [Spread.of(taken).median for taken in times[YARDSTICK]]
    rows = []
    for name, rounds in times.items():
        medians = [Spread.of(taken).median for taken in rounds]
        ratios = [median / least for median, least in zip(medians, yard, strict=True)]
        slow = percentile([seconds for taken in rounds for seconds in taken], 95)
        rows.append(
            (
                name,
                Spread.of(medians).text("ms", scale=1000),
                f"{slow * 1000:.2f} ms",
                Spread.of(ratios).text(digits=1),
                Spread.of(rates[name]).text(digits=0),
            )
        )
    note = (
        f"`/api/v1/jobs/` lists {JOBS} jobs. Latency on one kept-alive connection, {REQUESTS} requests a "
        f"round; requests a second with {CONNECTIONS} connections for {SECONDS} s a round. {ROUNDS} rounds, "
        "all targets in turn; median of the rounds' medians (min to max), p95 of all requests."
    )
    header = ("", "latency, median", "p95", "times the bare view", "requests a second")
    return Table("API without a model", note, header, rows)
