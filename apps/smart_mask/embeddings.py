"""What the worker remembers of pictures that people click on, so that only the first click is expensive."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from apps.smart_mask.segmenting import Embedding

_LOOK_UP_SECONDS = 0.1


@dataclass(frozen=True)
class Key:
    """Whose picture, which content, which model: nobody is answered from another owner's picture."""

    owner: str
    sha256: str
    model: str


class EmbeddingCache:
    """The embeddings used last, of `most_bytes` together. Threads may share it."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, Embedding] = OrderedDict()
        self._making: dict[Key, Future[Embedding]] = {}
        self._lock = threading.Lock()

    def get(
        self, key: Key, make: Callable[[], Embedding], *, check: Callable[[], None]
    ) -> tuple[Embedding, bool]:
        """The embedding for `key`, and whether it was spared to `make` it here.

        Who asks while another thread makes it waits for that, calling `check()`, whose exception ends the
        wait. When that thread fails or is cancelled, the next one makes it.
        """
        while True:
            with self._lock:
                if (kept := self._kept.get(key)) is not None:
                    self._kept.move_to_end(key)
                    return kept, True
                under_way = self._making.get(key)
                if under_way is None:
                    mine = self._making[key] = Future()
                    break
            if (made := _awaited(under_way, check)) is not None:
                return made, True
        return self._made(key, mine, make), False

    @property
    def nbytes(self) -> int:
        """Bytes that are held."""
        with self._lock:
            return sum(embedding.nbytes for embedding in self._kept.values())

    def _made(self, key: Key, promise: Future[Embedding], make: Callable[[], Embedding]) -> Embedding:
        try:
            embedding = make()
        except BaseException:
            with self._lock:
                del self._making[key]
            promise.cancel()
            raise
        with self._lock:
            del self._making[key]
            self._keep(key, embedding)
        promise.set_result(embedding)
        return embedding

    def _keep(self, key: Key, embedding: Embedding) -> None:
        """Makes it the newest, and lets the oldest go until all fit. Runs under the lock."""
        if embedding.nbytes > self._most_bytes:
            return
        self._kept[key] = embedding
        held = sum(kept.nbytes for kept in self._kept.values())
        while held > self._most_bytes:
            held -= self._kept.popitem(last=False)[1].nbytes


@cache
def shared() -> EmbeddingCache:
    """The cache of this process, as large as STUDIO_MASK_CACHE_BYTES says."""
    return EmbeddingCache(settings.STUDIO_MASK_CACHE_BYTES)


def _awaited(under_way: Future[Embedding], check: Callable[[], None]) -> Embedding | None:
    """What another thread makes; None when it gave up."""
    while True:
        check()
        try:
            return under_way.result(timeout=_LOOK_UP_SECONDS)
        except TimeoutError:
            continue
        except CancelledError:
            return None
