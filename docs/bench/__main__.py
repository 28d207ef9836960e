"""`python -m docs.bench`: measures everything, prints it and writes it into docs/benchmarks.md."""

import os
import sys
from collections.abc import Iterator

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")

from docs.bench import api_time, clicks, image_time, machine, memory, page, refine_time, removal, startup
from docs.bench.bare_process import BarePipeline
from docs.bench.batching import report
from docs.bench.table import Table
from docs.bench.threads import default_threads


def main() -> None:
    """Each half of the page is written when it is measured: a run that fails leaves the other half."""
    with_peers = report.wants_peers()
    done = []
    for table in _tables(with_peers=with_peers):
        done.append(table.markdown())
        sys.stdout.write(f"{done[-1]}\n")
        sys.stdout.flush()
    page.write(settings.BASE_DIR / "docs" / "benchmarks.md", "\n".join(done))
    report.write(report.measured_tables(default_threads(), with_peers=with_peers))


def _tables(*, with_peers: bool) -> Iterator[Table]:
    """The bare pipeline is alive only while it is needed."""
    threads = default_threads()
    yield machine.describe(threads)
    with BarePipeline(threads) as bare:
        yield image_time.measure(bare)
    yield startup.measure(threads)
    yield memory.measure(threads)
    yield api_time.measure(threads)
    yield refine_time.measure(threads)
    yield from clicks.measure(threads)
    yield from removal.measure(threads, with_peers=with_peers)


if __name__ == "__main__":
    main()
