"""From `manage.py serve` to the first answer and the first picture."""

import time

from docs.bench.server import paint, scratch_studio, wait_until_healthy
from docs.bench.spread import Spread
from docs.bench.table import Table

RUNS = 5


def measure(threads: int) -> Table:
    """The first start makes the database and warms the file cache, and does not count."""
    healthy: list[float] = []
    painted: list[float] = []
    with scratch_studio(threads) as studio:
        studio.start().stop()
        for _ in range(RUNS):
            started = time.perf_counter()
            studio.start()
            wait_until_healthy(studio)
            healthy.append(time.perf_counter() - started)
            with studio.client() as client:
                paint(client)
            painted.append(time.perf_counter() - started)
            studio.stop()
    rows = [
        ("first 200 of `GET /health`", Spread.of(healthy).text("s")),
        ("first picture, asked for at that moment", Spread.of(painted).text("s")),
    ]
    note = (
        f"Seconds since `manage.py serve` was launched, with a database that exists and files in the cache. "
        f"{RUNS} starts, read to 50 ms. Median (min to max)."
    )
    return Table("Start", note, ("", "after"), rows)
