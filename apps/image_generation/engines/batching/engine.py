"""The one thread that owns the device. Requests run their own pipelines and meet here, forward pass by
forward pass.

Each request runs an unmodified diffusers pipeline in a thread of its own, in which the denoiser is a proxy: a
call of it is posted here and waits. The engine takes the calls that `order` chooses, merges those of one key
into one forward pass and hands each its part. So requests join and leave between steps, and guidance,
conditioning and packing stay in diffusers' own code. Text encoders and VAE run here too, one call at a time:
nothing else may touch the device.

Lock order: there is one lock, `_changed`; it is never held during a forward pass.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

from apps.image_generation.batching_statistics import Statistics
from apps.image_generation.engines.batching import merging
from apps.image_generation.engines.batching.background import Background, settle
from apps.image_generation.engines.batching.order import Waiting, choose

_T = TypeVar("_T")

# How long the engine waits for requests that are between two steps to come back with their next call: so long
# at least, or this share of what the last pass took. They would all wait for a pass that leaves without them.
STRAGGLER_SECONDS = 0.002
STRAGGLER_SHARE = 0.25
# How often a request that waits for room looks whether it is still wanted.
ADMISSION_SECONDS = 0.1


@dataclass(eq=False)
class Request:
    """One picture being painted, by `share` of the queue. `alone` keeps its calls out of every batch.

    `done` counts finished steps, `merged` says whether any call was batched. `size` is what the request adds
    to the engine's load, in bytes.
    """

    share: str
    steps: int
    alone: bool = False
    size: int = 0
    merged: bool = False
    done: int = 0
    since: int = 0
    waits: bool = False


@dataclass(frozen=True)
class Denoiser:
    """A model's denoising network. `cap(cells)` is the most requests of that size that pay in one pass."""

    model: str
    module: Any
    cap: Callable[[int], int]


@dataclass(eq=False)
class _Call:
    request: Request
    denoiser: Denoiser
    arguments: merging.Arguments
    samples: int
    waiting: Waiting
    result: "Future[Any]" = field(default_factory=Future)


class Engine:
    """Runs until `close()`. At most `most_requests` are open at a time, and of more than one at most
    `most_bytes`.
    """

    def __init__(
        self,
        *,
        most_requests: int,
        most_bytes: int,
        statistics: Statistics,
        is_out_of_memory: Callable[[BaseException], bool],
    ) -> None:
        self._most_requests = most_requests
        self._most_bytes = most_bytes
        self._statistics = statistics
        self._is_out_of_memory = is_out_of_memory
        self._reduced: dict[Hashable, int] = {}  # caps of what ran out of memory, or cannot be batched
        self._changed = threading.Condition()
        self._requests: set[Request] = set()
        self._calls: list[_Call] = []
        self._errands: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._background = Background()
        self._tick = 0
        self._pass_seconds = 0.0
        self._numbers = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="denoiser", daemon=True)
        self._thread.start()

    @contextmanager
    def open(self, request: Request, check: Callable[[], None]) -> Iterator[Request]:
        """A picture's time on the device, entered when there is room; `check` may raise while it waits for
        that.

        Between its calls the engine waits a moment for an open request, so that it can join the next pass.
        """
        with self._changed:
            while not self._has_room(request):
                check()
                self._changed.wait(ADMISSION_SECONDS)
            request.since = self._tick
            self._requests.add(request)
        try:
            yield request
        finally:
            with self._changed:
                self._requests.discard(request)
                self._changed.notify_all()

    def forward(
        self, request: Request, denoiser: Denoiser, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """What the denoiser gives for these arguments, perhaps together with other requests' calls.

        Blocks; raises what the denoiser raises.
        """
        samples = merging.sample_count(args, kwargs) or 1
        described = None if request.alone else merging.signature(args, kwargs, samples)
        with self._changed:
            self._numbers += 1
            # One that nobody else's equals, for what must run alone.
            key = (id(denoiser.module), samples, described) if described is not None else self._numbers
            waiting = Waiting(
                number=self._numbers,
                key=key,
                share=request.share,
                remaining=request.steps - request.done,
                since=request.since,
            )
            call = _Call(request, denoiser, (args, kwargs), samples, waiting)
            self._calls.append(call)
            request.waits = True
            self._changed.notify_all()
        return call.result.result()

    def run(self, request: Request, errand: Callable[[], Any]) -> Any:
        """`errand()` on the engine's thread, before the next forward pass. Blocks; raises what it raises."""
        result: Future[Any] = Future()
        with self._changed:
            self._errands.append((errand, result))
            request.waits = True
            self._changed.notify_all()
        try:
            return result.result()
        finally:
            with self._changed:
                request.waits = False

    def background(self, work: Callable[[], _T]) -> _T:
        """`work()` on the engine's thread: at once while nobody paints, else for a quarter of the time.

        One piece at a time, so pictures wait for at most one: keep it short. Blocks; raises what it raises.
        """
        with self._changed:
            result = self._background.add(work)
            self._changed.notify_all()
        return result.result()

    def close(self) -> None:
        """Finishes what is posted, then ends the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        with torch.no_grad():
            while work := self._next():
                work()
                del work  # it may hold a whole model, and the next may be long in coming

    def _next(self) -> Callable[[], None] | None:
        """What to do next; waits for it. None when the engine closes."""
        with self._changed:
            while not (self._calls or self._errands or self._background.may_run(painting=self._is_painting)):
                if self._closing and not self._background:
                    return None
                self._changed.wait(self._background.seconds_left())
            if self._errands:
                return self._take_errand()
            if self._background.may_run(painting=self._is_painting):
                return self._background.take()
            self._await_stragglers()
            if self._errands:
                return self._take_errand()
            group = self._take_group()
        return lambda: self._serve(group)

    @property
    def _is_painting(self) -> bool:
        return bool(self._requests)

    def _await_stragglers(self) -> None:
        patience = max(STRAGGLER_SECONDS, STRAGGLER_SHARE * self._pass_seconds)
        deadline = time.monotonic() + patience
        while not self._errands and any(not request.waits for request in self._requests):
            left = deadline - time.monotonic()
            if left <= 0 or not self._changed.wait(left):
                return

    def _take_errand(self) -> Callable[[], None]:
        errand, result = self._errands.popleft()
        return lambda: settle(result, errand)

    def _take_group(self) -> list[_Call]:
        self._tick += 1
        waiting = [call.waiting for call in self._calls]
        by_number = {call.waiting.number: call for call in self._calls}
        # The cap depends on who leads, which choosing with a cap of one tells.
        leader = by_number[choose(waiting, tick=self._tick, cap=1)[0].number]
        cap = self._reduced.get(leader.waiting.key) or leader.denoiser.cap(merging.cells(*leader.arguments))
        group = [by_number.pop(call.number) for call in choose(waiting, tick=self._tick, cap=cap)]
        self._calls = list(by_number.values())
        for call in group:
            call.request.since = self._tick
        return group

    def _serve(self, group: list[_Call]) -> None:
        started = time.perf_counter()
        try:
            outputs = self._forward(group)
        except Exception as error:
            if len(group) == 1:
                self._release(group[0])
                group[0].result.set_exception(error)
                return
            ran_out = self._is_out_of_memory(error)
        else:
            self._pass_seconds = seconds = time.perf_counter() - started
            self._statistics.add(group[0].denoiser.model, requests=len(group), seconds=seconds)
            for call, output in zip(group, outputs, strict=True):
                call.request.merged |= len(group) > 1
                self._release(call)
                call.result.set_result(output)
            return
        # Out here, where nothing holds what the failed pass had on the device any more.
        self._serve_apart(group, ran_out=ran_out)

    def _serve_apart(self, group: list[_Call], *, ran_out: bool) -> None:
        """One bad request fails alone: the batch's members are tried again one by one."""
        for call in group:
            self._serve([call])
        if ran_out:
            self._reduced[group[0].waiting.key] = (len(group) + 1) // 2
        elif not any(call.result.exception() for call in group):
            self._reduced[group[0].waiting.key] = 1  # each works, together they do not: never try it again

    @staticmethod
    def _forward(group: list[_Call]) -> list[Any]:
        if len(group) == 1:
            args, kwargs = group[0].arguments
            return [group[0].denoiser.module(*args, **kwargs)]
        sizes = [call.samples for call in group]
        args, kwargs = merging.merge([call.arguments for call in group], sizes)
        return merging.split(group[0].denoiser.module(*args, **kwargs), sizes)

    def _release(self, call: _Call) -> None:
        with self._changed:
            call.request.waits = False

    def _has_room(self, request: Request) -> bool:
        if len(self._requests) >= self._most_requests:
            return False
        held = sum(other.size for other in self._requests)
        return not self._requests or held + request.size <= self._most_bytes
