"""A real loader for the tests: a model is a folder with one .npy file, its memory is the array's."""

import threading
import time

import numpy as np

from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded


class Watch:
    """What the loader has done, and what the next load is to do."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loading: set[str] = set()
        self.open: dict[str, int] = {}
        self.loads: list[str] = []
        self.threads: list[threading.Thread] = []
        self.overlaps: list[str] = []
        self.fail_with: list[Exception] = []
        self.seconds = 0.0
        self.go_on = threading.Event()
        self.go_on.set()
        self.started = threading.Event()


watch = Watch()


def load(entry: ModelEntry, device: str) -> Loaded:
    with watch.lock:
        if watch.loading:
            watch.overlaps.append(entry.id)
        watch.loading.add(entry.id)
        watch.threads.append(threading.current_thread())
    watch.started.set()
    try:
        watch.go_on.wait(10)
        time.sleep(watch.seconds)
        if watch.fail_with:
            raise watch.fail_with.pop(0)
        array = np.load(entry.folder() / "weights.npy")
    finally:
        with watch.lock:
            watch.loading.remove(entry.id)
    with watch.lock:
        watch.loads.append(entry.id)
        watch.open[entry.id] = watch.open.get(entry.id, 0) + 1

    def close() -> None:
        with watch.lock:
            watch.open[entry.id] -= 1

    return Loaded(array, array.nbytes, close)
