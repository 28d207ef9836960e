"""Who can put which kind of model on a device: apps register loaders, only the worker resolves them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

from core.exceptions import NoEngine
from core.model_manager.entries import ModelEntry


@dataclass(frozen=True)
class Loaded:
    """A model on the device: what its weights take there, and what `close` must free that `del` would not."""

    model: Any
    memory_bytes: int
    close: Callable[[], None] | None = None


Loader = Callable[[ModelEntry, Path, str], Loaded]  # (entry, its folder, a device name such as "cuda:0")

_loaders: dict[str, str] = {}


def register_loader(key: str, dotted_path: str) -> None:
    """Makes `dotted_path` the loader of entries with `loader = key`. ValueError when the key is taken."""
    if _loaders.setdefault(key, dotted_path) != dotted_path:
        raise ValueError(f"Loader {key!r} is registered twice.")


def keys() -> list[str]:
    """Every registered key, sorted."""
    return sorted(_loaders)


def get_loader(key: str) -> Loader:
    """The loader itself, imported on first use. NoEngine when no installed app registers `key`."""
    if key not in _loaders:
        raise NoEngine(f"No app here can load models of the kind {key!r}.")
    loader: Loader = import_string(_loaders[key])
    return loader
