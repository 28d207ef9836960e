"""The books of the model manager: what is loaded, who uses it, what goes first. Knows no locks."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypedDict

from core.model_manager.loaders import Loaded

REPORT_TOPIC = "models"  # under which a worker tells the web processes its list of State
# How steps were shared, by model id: told by the engines that batch.
BATCHING_TOPIC = "batching"


class State(TypedDict):
    """A model that is, or has been, on the device; while it is not, `memory_bytes` is 0 and `device` None."""

    id: str
    loaded: bool
    device: str | None
    memory_bytes: int
    loads: int
    leases: int
    last_used: str


@dataclass
class Holding:
    """One model's line in the books; it outlives the model, so that `loads` and the last use are not lost."""

    id: str
    loaded: Loaded | None = None
    leases: int = 0
    loads: int = 0
    used_at: float = field(default_factory=time.monotonic)
    last_used: datetime = field(default_factory=lambda: datetime.now(UTC))

    def lease(self) -> None:
        """One more user."""
        self.leases += 1
        self._touch()

    def give_back(self) -> None:
        """One user fewer."""
        self.leases -= 1
        self._touch()

    def _touch(self) -> None:
        self.used_at = time.monotonic()
        self.last_used = datetime.now(UTC)


class Shelf:
    """Every model by id. The caller serialises access; what is taken off is the caller's to close."""

    def __init__(self) -> None:
        self._holdings: dict[str, Holding] = {}

    @property
    def memory_bytes(self) -> int:
        """What the loaded models take together."""
        return sum(holding.loaded.memory_bytes for holding in self._holdings.values() if holding.loaded)

    @property
    def leased_bytes(self) -> int:
        """What the models take that somebody leases."""
        leased = (holding.loaded for holding in self._holdings.values() if holding.leases)
        return sum(loaded.memory_bytes for loaded in leased if loaded)

    def find(self, model_id: str) -> Holding | None:
        """The model's line if it is loaded."""
        holding = self._holdings.get(model_id)
        return holding if holding and holding.loaded else None

    def put(self, model_id: str, loaded: Loaded) -> Holding:
        """Enters a model that has just been loaded."""
        holding = self._holdings.setdefault(model_id, Holding(model_id))
        holding.loaded = loaded
        holding.loads += 1
        return holding

    def take(self, holding: Holding) -> Loaded:
        """Takes a loaded model off."""
        loaded, holding.loaded = holding.loaded, None
        assert loaded is not None
        return loaded

    def take_down_to(self, limit_bytes: int) -> list[Loaded]:
        """Takes off what nobody leases, longest unused first, until at most `limit_bytes` are held."""
        return [self.take(holding) for holding in self._unleased() if self.memory_bytes > limit_bytes]

    def take_unused_since(self, moment: float) -> list[Loaded]:
        """Takes off what nobody leases or has used since `moment` (monotonic seconds)."""
        return [self.take(holding) for holding in self._unleased() if holding.used_at <= moment]

    def state(self, device: str) -> list[State]:
        """One entry for each model that is or has been here."""
        return [
            State(
                id=holding.id,
                loaded=holding.loaded is not None,
                device=device if holding.loaded else None,
                memory_bytes=holding.loaded.memory_bytes if holding.loaded else 0,
                loads=holding.loads,
                leases=holding.leases,
                last_used=holding.last_used.isoformat(),
            )
            for holding in self._holdings.values()
        ]

    def _unleased(self) -> Iterator[Holding]:
        free = [holding for holding in self._holdings.values() if holding.loaded and not holding.leases]
        return iter(sorted(free, key=lambda holding: holding.used_at))
