"""docs/benchmarks.md: people wrote the page, the part between two markers is the last run's."""

from pathlib import Path

BEGIN = "<!-- measured: begin (make bench writes what follows) -->"
END = "<!-- measured: end -->"


def write(page: Path, measured: str) -> None:
    """Replaces what stands between the markers. Raises ValueError when the page has lost one of them."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page.name} needs the lines {BEGIN!r} and {END!r}.")
    page.write_text(f"{before}{begin}\n\n{measured.strip()}\n\n{end}{after}", encoding="utf-8")
