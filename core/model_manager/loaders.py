"""Who can put which kind of model on a device: apps register loaders, only the worker resolves them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string

from core.exceptions import NoEngine
from core.model_manager.entries import DType, ModelEntry


@dataclass(frozen=True)
class Loaded:
    """A model on the device: what its weights take there, and what `close` must free that `del` would not."""

    model: Any
    memory_bytes: int
    close: Callable[[], None] | None = None


Loader = Callable[[ModelEntry, str], Loaded]  # (entry, a device name such as "cuda:0")

# Seconds of one step, by dtype, for those dtypes that are worth trying on the device.
Tuner = Callable[[ModelEntry, str], dict[DType, float]]

_loaders: dict[str, str] = {}
_tuners: dict[str, str] = {}


def register_loader(key: str, dotted_path: str, *, tuner: str = "") -> None:
    """Makes `dotted_path` the loader of entries with `loader = key`. ValueError when the key is taken.

    `tuner` is the dotted path of a Tuner for the same entries.
    """
    if _loaders.setdefault(key, dotted_path) != dotted_path:
        raise ValueError(f"Loader {key!r} is registered twice.")
    if tuner:
        _tuners[key] = tuner


def keys() -> list[str]:
    """Every registered key, sorted."""
    return sorted(_loaders)


def get_loader(key: str) -> Loader:
    """The loader itself, imported on first use. NoEngine when no installed app registers `key`."""
    if key not in _loaders:
        raise NoEngine(f"No app here can load models of the kind {key!r}.")
    loader: Loader = import_string(_loaders[key])
    return loader


def get_tuner(key: str) -> Tuner:
    """The tuner itself, imported on first use. NoEngine when there is none for `key`."""
    if key not in _tuners:
        raise NoEngine(f"Models of the kind {key!r} cannot be tuned.")
    tuner: Tuner = import_string(_tuners[key])
    return tuner
