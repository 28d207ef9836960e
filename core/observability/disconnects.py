"""Whether the client of the request at hand has hung up."""

import threading
from contextvars import ContextVar

# Shared by the event loop, which notices, and the thread of the view, which runs on regardless.
_gone: ContextVar[threading.Event | None] = ContextVar("client_gone", default=None)


def watch() -> threading.Event:
    """For the middleware: what to set when the request is cancelled."""
    gone = threading.Event()
    _gone.set(gone)
    return gone


def client_gone() -> bool:
    """True once the client of this request is known to have gone."""
    gone = _gone.get()
    return gone is not None and gone.is_set()
