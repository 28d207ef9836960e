"""Files that are made on first use: everybody gets the same text, and a crash leaves nothing that stays."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from core.write_once import write_once


def test_all_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "state" / "name"

    with ThreadPoolExecutor(8) as pool:
        given = set(pool.map(lambda _: write_once(path, lambda: uuid4().hex), range(32)))

    assert given == {path.read_text()}
    assert path.stat().st_mode & 0o077 == 0


def test_an_empty_file_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "name"
    path.touch()

    assert write_once(path, lambda: "fresh") == "fresh"
    assert write_once(path, lambda: "other") == "fresh"
