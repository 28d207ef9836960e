"""Files and folders that appear whole or not at all, whatever stops the program that writes them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to, with the same suffix, that becomes `path` when the block ends well."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    yield unfinished
    os.replace(unfinished, path)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill that takes the place of `path` when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished, old = path.with_name(f".unfinished-{path.name}"), path.with_name(f".old-{path.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    unfinished.mkdir()
    yield unfinished
    if path.exists():
        path.rename(old)
    unfinished.rename(path)
    shutil.rmtree(old, ignore_errors=True)
