"""docs/benchmarks.md: people wrote the page, the parts between two markers are the last run's."""

from pathlib import Path

BEGIN = "<!-- measured: begin (make bench writes what follows) -->"
END = "<!-- measured: end -->"


def write(page: Path, measured: str, *, begin: str = BEGIN, end: str = END) -> None:
    """Replaces what stands between the markers. Raises ValueError when the page has lost one of them."""
    text = page.read_text(encoding="utf-8")
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{page.name} needs the lines {begin!r} and {end!r}.")
    page.write_text(f"{before}{begin}\n\n{measured.strip()}\n\n{end}{after}", encoding="utf-8")
