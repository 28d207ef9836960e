"""Measures batching and writes its part of docs/benchmarks.md."""

import argparse
import sys

from django.conf import settings

from docs.bench import page
from docs.bench.batching import measuring, tables
from docs.bench.batching.peer_process import PEERS_PYTHON
from docs.bench.batching.systems import started
from docs.bench.threads import default_threads

BEGIN = "<!-- batching: begin (make bench writes what follows) -->"
END = "<!-- batching: end -->"


def main() -> None:
    """The page is written at the end, so a run that fails changes nothing."""
    write(measured_tables(default_threads(), with_peers=wants_peers()))


def wants_peers() -> bool:
    """What the command line says; exits when the peers are wanted and not installed."""
    parser = argparse.ArgumentParser(prog="python -m docs.bench", description=__doc__)
    parser.add_argument("--without-peers", action="store_true", help="leave LitServe and Ray Serve out")
    without: bool = parser.parse_args().without_peers
    if not without and not PEERS_PYTHON.exists():
        sys.exit(
            "The other servers are not installed: `make bench` does that, --without-peers leaves them out."
        )
    return not without


def measured_tables(threads: int, *, with_peers: bool) -> str:
    """Markdown, printed as well."""
    with started(threads, with_peers=with_peers) as servers:
        for name, reason in servers.missing.items():
            sys.stderr.write(f"{name} is left out. {reason}\n")
        found = tables.tables(measuring.measure(servers.systems), servers, threads)
    text = "\n".join(table.markdown() for table in found)
    sys.stdout.write(f"{text}\n")
    return text


def write(text: str) -> None:
    """Replaces the last run's part of the page."""
    page.write(settings.BASE_DIR / "docs" / "benchmarks.md", text, begin=BEGIN, end=END)
