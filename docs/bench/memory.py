"""What the two processes hold, before a model is loaded and after."""

import time
from collections import defaultdict

import psutil

from core.jobs.tests.studio import Studio
from docs.bench.server import paint, scratch_studio, wait_until_healthy
from docs.bench.spread import Spread
from docs.bench.table import Table

RUNS = 3
SETTLE_SECONDS = 1.0
MIB = 2**20

Readings = dict[tuple[str, str], list[dict[str, int]]]


def measure(threads: int) -> Table:
    """Resident memory of server and worker, idle and after the first picture."""
    readings: Readings = defaultdict(list)
    with scratch_studio(threads, STUDIO_PRELOAD="false") as studio:
        for _ in range(RUNS):
            studio.start()
            wait_until_healthy(studio, "/health/ready")
            _read(studio, "idle", readings)
            with studio.client() as client:
                paint(client)
            _read(studio, "model loaded", readings)
            studio.stop()
    kinds = list(next(iter(readings.values()))[0])
    rows = [
        (
            process,
            state,
            *(Spread.of([found[kind] for found in read]).text(digits=0, scale=1 / MIB) for kind in kinds),
        )
        for (process, state), read in sorted(readings.items())
    ]
    note = (
        "MiB. *Idle*: started with `STUDIO_PRELOAD=false`, nothing asked yet; *model loaded*: after one "
        f"picture. {RUNS} starts. RSS counts shared pages in each process, PSS shares them out, USS leaves "
        "them out. Median (min to max)."
    )
    return Table("Memory", note, ("process", "state", *(kind.upper() for kind in kinds)), rows)


def _read(studio: Studio, state: str, readings: Readings) -> None:
    time.sleep(SETTLE_SECONDS)
    worker = studio.worker()
    server = worker.parent()
    for name, process in (("web server", server), ("worker", worker)):
        if process is not None:
            readings[name, state].append(_held(process))


def _held(process: psutil.Process) -> dict[str, int]:
    """Bytes by kind; PSS only where the system tells it (Linux)."""
    memory = process.memory_full_info()._asdict()
    return {kind: memory[kind] for kind in ("rss", "pss", "uss") if kind in memory}
