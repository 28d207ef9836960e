"""The worker's one model manager: `with leasing.lease("starter", waiting=context.loading) as model:`."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from django.conf import settings

from core.jobs.links import Link
from core.model_manager import devices, downloads
from core.model_manager.manager import ModelManager, Waiting
from core.model_manager.shelf import REPORT_TOPIC, State

Listener = Callable[[list[State]], None]

_lock = threading.Lock()
_manager: ModelManager | None = None
_listeners: list[Listener] = []


def lease(model_id: str, waiting: Waiting | None = None) -> AbstractContextManager[Any]:
    """See ModelManager.lease."""
    return manager().lease(model_id, waiting)


def constructing() -> AbstractContextManager[None]:
    """See ModelManager.constructing."""
    return manager().constructing()


def manager() -> ModelManager:
    """The shared manager; made from the settings on first use, which imports torch."""
    global _manager
    with _lock:
        if _manager is None:
            _manager = from_settings()
        return _manager


def listen(listener: Listener) -> None:
    """Tells `listener` of every change to the shared manager's models; see `shelf.State`.

    It is called from the thread that made the change, and must neither lease nor unload.
    """
    _listeners.append(listener)


def report_to(link: Link) -> None:
    """Has the web processes know what is loaded here, now and after every change."""
    listen(partial(link.report, REPORT_TOPIC))
    with _lock:
        state = _manager.state() if _manager else []
    link.report(REPORT_TOPIC, state)


def configure(shared: ModelManager | None) -> None:
    """Makes `shared` the process's manager; with None the next use makes one from the settings."""
    global _manager
    with _lock:
        _manager = shared


def from_settings() -> ModelManager:
    """A manager as the `STUDIO_*` settings describe it, on the device they name."""
    return ModelManager(
        budget_bytes=settings.STUDIO_MODEL_MEMORY_BYTES,
        idle_seconds=settings.STUDIO_MODEL_IDLE_SECONDS,
        device=devices.probe(settings.STUDIO_DEVICE),
        on_change=_tell,
        accept_licences=settings.STUDIO_ACCEPT_LICENCES,
        fetch=downloads.fetch if settings.STUDIO_AUTO_PULL else None,
    )


def _tell(state: list[State]) -> None:
    for listener in _listeners:
        listener(state)
