"""The servers that are measured. All are started once and sleep; only the one whose turn it is runs."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

from docs.bench.batching import clients, families, loads
from docs.bench.batching.peer_process import PEERS_PYTHON, STUDIO_PYTHON, DidNotStart, serve_peer
from docs.bench.server import scratch_studio

PLAIN = "diffusers, one at a time"
SPINNING = "diffusers, one at a time, OpenMP's own waiting"
LITSERVE = "LitServe, static batches"
RAY = "Ray Serve, static batches"
OFF = "the studio, `STUDIO_BATCHING=off`"
AUTO = "the studio, `STUDIO_BATCHING=auto`"

STUDIO_PATH = "/api/v1/image-generation/generate/"


@dataclass(frozen=True)
class System:
    """A server that sleeps: `families.awake(pid)` wakes it. Pictures are POSTed to `url`."""

    name: str
    url: str
    pid: int


@dataclass
class Started:
    """`missing` says of each server that did not start why."""

    systems: list[System] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


@contextmanager
def started(threads: int, *, with_peers: bool) -> Iterator[Started]:
    """Every server, asleep. Raises DidNotStart for plain diffusers, which the others are compared with."""
    found = Started()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # else the sleepers would outlive this process
    with ExitStack() as stack:
        for name, serve in _servers(threads, with_peers=with_peers).items():
            try:
                url, pid = stack.enter_context(serve())
            except DidNotStart as error:
                if name == PLAIN:
                    raise
                found.missing[name] = str(error)
                continue
            stack.callback(families.resume, pid)  # before it is stopped: who sleeps hears no SIGTERM
            families.pause(pid)
            found.systems.append(System(name, url, pid))
        yield found


def _servers(
    threads: int, *, with_peers: bool
) -> dict[str, Callable[[], AbstractContextManager[tuple[str, int]]]]:
    peers = {
        LITSERVE: partial(serve_peer, "lit", PEERS_PYTHON, threads),
        RAY: partial(serve_peer, "ray_serve", PEERS_PYTHON, threads),
    }
    return {
        PLAIN: partial(serve_peer, "plain", STUDIO_PYTHON, threads),
        SPINNING: partial(serve_peer, "plain", STUDIO_PYTHON, threads, as_studio=False),
        **(peers if with_peers else {}),
        OFF: partial(_serve_studio, threads, "off"),
        AUTO: partial(_serve_studio, threads, "auto"),
    }


@contextmanager
def _serve_studio(threads: int, batching: str) -> Iterator[tuple[str, int]]:
    with scratch_studio(threads, STUDIO_BATCHING=batching) as studio:
        process = studio.start().process
        url = f"{studio.url}{STUDIO_PATH}"
        if process is None:
            raise DidNotStart("The studio has no process.")
        clients.post(url, loads.burst(1, steps=1)[0])  # loads the model, measures what batches pay
        yield url, process.pid
