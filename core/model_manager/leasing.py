"""The worker's one model manager: `with leasing.lease("starter", waiting=context.loading) as model:`."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings

from core.model_manager import devices, downloads
from core.model_manager.manager import ModelManager, Waiting
from core.model_manager.shelf import State

_lock = threading.Lock()
_manager: ModelManager | None = None


def lease(model_id: str, waiting: Waiting | None = None) -> AbstractContextManager[Any]:
    """See ModelManager.lease."""
    return manager().lease(model_id, waiting)


def manager() -> ModelManager:
    """The shared manager; made from the settings on first use, which imports torch."""
    with _lock:
        return _manager or _configure(from_settings())


def configure(shared: ModelManager) -> ModelManager:
    """Makes `shared` the process's manager, for instance one whose changes somebody wants to hear of."""
    with _lock:
        return _configure(shared)


def from_settings(on_change: Callable[[list[State]], None] | None = None) -> ModelManager:
    """A manager as the `STUDIO_*` settings describe it, on the device they name."""
    return ModelManager(
        budget_bytes=settings.STUDIO_MODEL_MEMORY_BYTES,
        idle_seconds=settings.STUDIO_MODEL_IDLE_SECONDS,
        device=devices.probe(settings.STUDIO_DEVICE),
        on_change=on_change,
        accept_licences=settings.STUDIO_ACCEPT_LICENCES,
        fetch=downloads.fetch if settings.STUDIO_AUTO_PULL else None,
    )


def _configure(shared: ModelManager) -> ModelManager:
    global _manager
    _manager = shared
    return shared
