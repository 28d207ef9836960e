"""Every load on every server, round after round, in an order that rotates."""

import io
import sys
import time
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from statistics import median

import httpx2
import numpy as np
from PIL import Image

from apps.image_generation.batching_statistics import REPORT_SECONDS
from docs.bench.batching import clients, loads
from docs.bench.batching.clients import Answer
from docs.bench.batching.families import awake
from docs.bench.batching.loads import Load
from docs.bench.batching.systems import AUTO, PLAIN, STUDIO_PATH, System

ROUNDS = 3
CAPACITY_SAMPLES = 8
# Mean difference of two pictures' values (of 255) that rounding explains: a batch adds in another order.
SAME_PICTURE = 1.0
MODEL_PATH = "/api/v1/models/starter/"

EQUAL, MIXED, HURRIED, POISSON = "equal", "mixed", "mixed, hurried", "Poisson"


class OtherPicture(Exception):
    """A server painted something else, so it did not do the same work."""


@dataclass
class Measured:
    """The answers of every round, by load and server's name. `capacity`: plain diffusers' pictures a second.

    `batches`: requests a forward pass of the studio with batching, by load, a number a round.
    """

    capacity: float
    answers: dict[tuple[str, str], list[list[Answer]]] = field(default_factory=lambda: defaultdict(list))
    batches: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def measure(systems: Sequence[System]) -> Measured:
    """Raises Refused for a request without a picture, OtherPicture for one with another than the first's."""
    measured = Measured(_capacity(next(system for system in systems if system.name == PLAIN)))
    painted: dict[Hashable, np.ndarray] = {}
    for number in range(ROUNDS):
        schedule = {
            EQUAL: loads.burst(),
            MIXED: loads.mixed(),
            HURRIED: loads.mixed(loads.HURRIED_SECONDS),
            POISSON: loads.poisson(measured.capacity, seed=number),
        }
        first = number % len(systems)
        for system in (*systems[first:], *systems[:first]):
            sys.stderr.write(f"Batching: round {number + 1} of {ROUNDS}, {system.name}\n")
            _take_turn(system, schedule, measured, painted)
    return measured


def _capacity(plain: System) -> float:
    with awake(plain.pid):
        _warm_up(plain)
        alone = loads.burst(1, loads.POISSON_STEPS)
        return 1 / median(clients.ask(plain.url, alone)[0].latency for _ in range(CAPACITY_SAMPLES))


def _take_turn(
    system: System, schedule: dict[str, Load], measured: Measured, painted: dict[Hashable, np.ndarray]
) -> None:
    with awake(system.pid):
        _warm_up(system)
        before = _passes(system)
        for name, load in schedule.items():
            answers = clients.ask(system.url, load)
            measured.answers[name, system.name].append(answers)
            after = _passes(system)
            if after[0] > before[0]:
                measured.batches[name].append((after[1] - before[1]) / (after[0] - before[0]))
            before = after
            _compare(system, answers, painted)


def _warm_up(system: System) -> None:
    """As many requests as a static batch takes, and one alone."""
    clients.ask(system.url, loads.burst(8, steps=2))
    clients.ask(system.url, loads.burst(1, steps=2))


def _passes(system: System) -> tuple[int, float]:
    """Forward passes since the studio started, and the requests in them; zeros for the other servers."""
    if system.name != AUTO:
        return 0, 0.0
    time.sleep(REPORT_SECONDS + 0.5)  # the worker tells the web process now and then
    answer = httpx2.get(system.url.replace(STUDIO_PATH, MODEL_PATH)).raise_for_status().json()["batching"]
    return answer["ticks"], answer["ticks"] * answer["mean_batch"]


def _compare(system: System, answers: Sequence[Answer], painted: dict[Hashable, np.ndarray]) -> None:
    for answer in answers:
        arrival = answer.arrival
        with Image.open(io.BytesIO(answer.png)) as image:
            pixels = np.asarray(image.convert("RGB"), dtype=np.float32)
        first = painted.setdefault((arrival.prompt, arrival.seed, arrival.steps), pixels)
        if (difference := float(np.abs(pixels - first).mean())) > SAME_PICTURE:
            raise OtherPicture(f"{system.name} differs by {difference:.1f} of 255 at {arrival}.")
