"""Small files that are made on first use and then never change."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def write_once(path: Path, make: Callable[[], str]) -> str:
    """The text of the file, which only its owner may read; `make` gives it when there is none yet.

    Processes that ask at once all get the same. An empty file, which a crash may leave, counts as none.
    """
    if not _text(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if not _text(path):
                fresh = path.with_suffix(".new")
                fresh.touch(mode=0o600)
                fresh.write_text(make(), encoding="ascii")
                fresh.replace(path)
    return _text(path)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
