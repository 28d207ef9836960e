"""The page keeps what people wrote, and a run replaces only what the last run measured."""

from pathlib import Path

import pytest

from docs.bench import page
from docs.bench.spread import Spread, percentile
from docs.bench.table import Table


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    written = tmp_path / "benchmarks.md"
    written.write_text(f"# Title\n\n{page.BEGIN}\n{page.END}\n\nWhat it means.\n", encoding="utf-8")
    page.write(written, "first")
    page.write(written, "second\n")
    expected = f"# Title\n\n{page.BEGIN}\n\nsecond\n\n{page.END}\n\nWhat it means.\n"
    assert written.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("text", ["", page.BEGIN, page.END, f"{page.END}\n{page.BEGIN}"])
def test_a_page_without_its_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    written = tmp_path / "benchmarks.md"
    written.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"benchmarks\.md"):
        page.write(written, "measured")
    assert written.read_text(encoding="utf-8") == text


def test_the_real_page_has_its_markers(tmp_path: Path) -> None:
    real = Path(page.__file__).resolve().parents[1] / "benchmarks.md"
    copy = tmp_path / real.name
    copy.write_text(real.read_text(encoding="utf-8"), encoding="utf-8")
    page.write(copy, "measured")
    assert f"{page.BEGIN}\n\nmeasured\n\n{page.END}" in copy.read_text(encoding="utf-8")


def test_a_spread_tells_the_median_and_both_ends() -> None:
    assert Spread.of([0.3, 0.1, 0.2]).text("ms", digits=0, scale=1000) == "200 ms (100 to 300)"
    assert Spread.of([1.05]).text() == "1.05 (1.05 to 1.05)"


def test_five_of_a_hundred_exceed_the_95th_percentile() -> None:
    values = [float(number) for number in range(100)]
    assert sum(value > percentile(values, 95) for value in values) == 5


def test_a_table_is_markdown() -> None:
    table = Table("Start", "Seconds.", ("", "after"), [("health", "1 s")])
    assert table.markdown() == "### Start\n\nSeconds.\n\n|  | after |\n| --- | --- |\n| health | 1 s |\n"
