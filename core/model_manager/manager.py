"""The models this process holds: each loaded once, kept while there is room, given up when nobody uses it.

Locks, none of which is held while the body of a lease runs:

- `_building`: one model is constructed at a time, because diffusers patches torch globally while it loads.
- `_state`: guards the shelf, for microseconds. A lease of a model that is loaded takes only this one.
- `_reporting`: one report at a time, so that the last one told is the newest.

Order: `_state` may be taken under either of the others; the others never under one another or under `_state`.
Models are closed outside `_state`; `_closing` counts them, and a construction waits until it is zero.
"""

import math
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

import structlog

from core.exceptions import InsufficientMemory, OperationFailed, Stopping, StudioError, WrongState
from core.model_manager import catalogue, gates
from core.model_manager.catalogue import Catalogue
from core.model_manager.devices import Device
from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded, Loader, get_loader
from core.model_manager.shelf import Holding, Shelf, State

log = structlog.get_logger(__name__)

AUTO_BUDGET_SHARE = 0.8  # of the device: the rest is for what a picture needs while it is made
RETRY_AFTER_SECONDS = 10

Waiting = Callable[[str], None]
Fetch = Callable[[ModelEntry, Waiting], None]


class ModelManager:
    """Hands out models by lease: `with manager.lease("starter") as model:`. Threads may share it.

    `budget_bytes` is what the weights may take together (0: 80 % of the device, and a model that is bigger
    may still have the device for itself). `idle_seconds` after its last use a model is unloaded (0: never).
    `on_change(state)` hears of every change, from the thread that made it; it must not lease or unload.
    `entries()` is the catalogue. `fetch(entry, waiting)` gets a model from the network that is not on
    disk; without it such a model is ModelMissing.
    """

    def __init__(
        self,
        *,
        budget_bytes: int,
        idle_seconds: float,
        device: Device,
        on_change: Callable[[list[State]], None] | None = None,
        entries: Callable[[], Catalogue] = catalogue.current,
        accept_licences: Collection[str] = (),
        fetch: Fetch | None = None,
    ) -> None:
        self.device = device
        self.budget_bytes = budget_bytes or int(device.total_bytes * AUTO_BUDGET_SHARE)
        self._one_may_exceed = not budget_bytes
        self._idle_seconds = idle_seconds
        self._on_change = on_change
        self._entries = entries
        self._accept_licences = accept_licences
        self._fetch = fetch
        self._building = threading.Lock()
        self._reporting = threading.Lock()
        self._state = threading.Condition()
        self._shelf = Shelf()
        self._closing = 0
        self._closed = threading.Event()
        if idle_seconds:
            threading.Thread(target=self._watch_idle, name="model-idle", daemon=True).start()

    @contextmanager
    def lease(self, model_id: str, waiting: Waiting | None = None) -> Iterator[Any]:
        """The loaded model, which stays on the device until the `with` block ends.

        `waiting(message)` is told what the caller waits for; what it raises ends the wait. Raises
        InvalidInput (unknown id), LicenceNotAccepted, ModelMissing, NoEngine (no app can load it),
        OperationFailed (it does not load), Stopping, and InsufficientMemory, also when the block itself runs
        out of it.
        """
        holding = self._acquire(self._entries().named(model_id), waiting or _ignore)
        try:
            assert holding.loaded is not None  # nothing takes a leased model off the shelf
            yield holding.loaded.model
        except Exception as error:
            if not self.device.is_out_of_memory(error):
                raise
            self._evict_unleased()
            raise InsufficientMemory(
                f"{model_id} ran out of memory on {self.device.name}. Try smaller pictures, or fewer.",
                retry_after=RETRY_AFTER_SECONDS,
            ) from error
        finally:
            self._give_back(holding)

    @contextmanager
    def constructing(self) -> Iterator[None]:
        """Held by whoever makes layers beside those of a model, an adapter's say: no model loads meanwhile.

        Not from within a loader, which is under it already.
        """
        with self._building:
            yield

    def load(self, model_id: str, waiting: Waiting | None = None) -> None:
        """Has the model on the device for whoever comes next. Raises what `lease` raises."""
        with self.lease(model_id, waiting):
            pass

    def unload(self, model_id: str) -> bool:
        """Takes the model off the device; False when it was not there.

        Raises InvalidInput (unknown id), and WrongState while it is leased.
        """
        entry = self._entries().named(model_id)
        with self._state:
            holding = self._shelf.find(entry.id)
            if holding is None:
                return False
            if holding.leases:
                raise WrongState(f"{model_id} is in use. Try again when its jobs have finished.")
            taken = self._to_be_closed([self._shelf.take(holding)])
        self._close_models(taken)
        self._report()
        return True

    def unload_idle(self) -> None:
        """Takes every model off the device that nobody has used for `idle_seconds`."""
        with self._state:
            taken = self._to_be_closed(self._shelf.take_unused_since(time.monotonic() - self._idle_seconds))
        if taken:
            self._close_models(taken)
            self._report()

    def close(self) -> None:
        """Unloads everything; what is leased goes when its last lease ends. A new lease raises Stopping."""
        self._closed.set()
        self._evict_unleased()
        self._report()

    def state(self) -> list[State]:
        """What is, or has been, on the device."""
        with self._state:
            return self._shelf.state(self.device.name)

    # ------------------------------------------------------------------------------------------ leases
    def _acquire(self, entry: ModelEntry, waiting: Waiting) -> Holding:
        gates.check_licence(entry, self._accept_licences)
        holding = self._borrow(entry)
        if holding is None:
            if self._fetch and entry.source.can_be_pulled and not entry.installed:
                self._fetch(entry, waiting)
            gates.check_installed(entry)
            waiting(f"Loading {entry.id}")
        try:
            if holding is None:
                with self._building:
                    holding = self._borrow(entry) or self._build(entry)
            return holding
        finally:
            self._report()

    def _borrow(self, entry: ModelEntry) -> Holding | None:
        with self._state:
            if self._closed.is_set():
                raise Stopping
            holding = self._shelf.find(entry.id)
            if holding:
                holding.lease()
            return holding

    def _give_back(self, holding: Holding) -> None:
        with self._state:
            holding.give_back()
        if self._closed.is_set():
            self._evict_unleased()
        self._report()

    # ------------------------------------------------------------------------------------------ loading
    def _build(self, entry: ModelEntry) -> Holding:
        """Constructs the model and leases it to the caller. Runs under `_building`."""
        loader = get_loader(entry.loader)
        self._make_room(entry, entry.memory_on(self.device.kind))
        loaded = self._construct(loader, entry)
        if loaded is None:  # out of memory: once more, with nothing else in the way
            self._evict_unleased()
            self.device.release_cached()
            loaded = self._construct(loader, entry)
        if loaded is None:
            self.device.release_cached()
            raise InsufficientMemory(
                f"{self.device.name} ran out of memory while it loaded {entry.id}. "
                "Choose a smaller model, or unload another."
            )
        try:
            self._make_room(entry, loaded.memory_bytes)  # it may be bigger than the catalogue says
        except InsufficientMemory:
            with self._state:
                taken = self._to_be_closed([loaded])
            del loaded
            self._close_models(taken)
            raise
        with self._state:
            holding = self._shelf.put(entry.id, loaded)
            holding.lease()
        return holding

    def _construct(self, loader: Loader, entry: ModelEntry) -> Loaded | None:
        """The model, or None when the device has no memory for it.

        None rather than an exception, whose traceback would keep the half-built model alive during the retry.
        """
        try:
            return _in_a_thread_that_ends(loader, entry, self.device.name)
        except StudioError:
            raise
        except Exception as error:
            if self.device.is_out_of_memory(error):
                log.warning("model_out_of_memory", model=entry.id, device=self.device.name)
                return None
            log.exception("model_load_failed", model=entry.id)
            raise OperationFailed(
                f"{entry.id} could not be loaded; the log says why. "
                f"Its files can be checked with: manage.py models verify {entry.id}",
                code="model_load_failed",
            ) from error

    # ------------------------------------------------------------------------------------------ memory
    def _make_room(self, entry: ModelEntry, needed: int) -> None:
        """Evicts until `needed` bytes fit. InsufficientMemory when what is leased leaves too little."""
        if not needed:  # it runs elsewhere
            return
        with self._state:
            leased = self._shelf.leased_bytes
            if leased + needed > self.budget_bytes and (leased or not self._one_may_exceed):
                raise InsufficientMemory(
                    f"{entry.id} needs {needed:,} bytes on {self.device.name}; "
                    f"{self.budget_bytes - leased:,} of {self.budget_bytes:,} are available. "
                    "Choose a smaller model, unload another, or raise STUDIO_MODEL_MEMORY_BYTES.",
                    retry_after=RETRY_AFTER_SECONDS if leased else None,
                )
            taken = self._to_be_closed(self._shelf.take_down_to(self.budget_bytes - needed))
        self._close_models(taken)
        with self._state:
            self._state.wait_for(lambda: not self._closing)

    def _evict_unleased(self) -> None:
        with self._state:
            taken = self._to_be_closed(self._shelf.take_unused_since(math.inf))
        self._close_models(taken)

    def _to_be_closed(self, taken: list[Loaded]) -> list[Loaded]:
        """Counts what `_close_models` is about to close. Runs under `_state`."""
        self._closing += len(taken)
        return taken

    def _close_models(self, taken: list[Loaded]) -> None:
        """Frees the memory of models that are off the shelf."""
        count = len(taken)
        while taken:
            loaded = taken.pop()
            try:
                if loaded.close:
                    loaded.close()
            except Exception:
                log.exception("model_close_failed")
            del loaded
        if count:
            self.device.release_cached()
            with self._state:
                self._closing -= count
                self._state.notify_all()

    # ------------------------------------------------------------------------------------------ watching
    def _watch_idle(self) -> None:
        while not self._closed.wait(max(0.05, min(self._idle_seconds / 4, 15))):
            self.unload_idle()

    def _report(self) -> None:
        if self._on_change is None:
            return
        with self._reporting:
            try:
                self._on_change(self.state())
            except Exception:
                log.exception("models_report_failed")


def _in_a_thread_that_ends(loader: Loader, entry: ModelEntry, device: str) -> Loaded:
    """What the loader gives or raises, from a thread that is gone afterwards.

    GNU's OpenMP keeps a team of threads for every thread that has computed, and once there are more than
    cores it has them sleep between any two loops: on two cores a picture then takes 1.7 times as long.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="loading") as pool:
        return pool.submit(copy_context().run, loader, entry, device).result()


def _ignore(message: str) -> None:
    """For callers who do not ask what they wait for."""
