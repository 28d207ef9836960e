"""What may be done to a model: `models.load`, `models.unload` and `models.pull`."""

from dataclasses import dataclass

from core.operations import Input

LOAD = "models.load"
UNLOAD = "models.unload"
PULL = "models.pull"


@dataclass(frozen=True)
class ModelRef(Input):
    """A model by its catalogue id."""

    model: str


@dataclass(frozen=True)
class ModelState:
    """How a model is afterwards. `memory_bytes` and `device` are those it has while it is loaded."""

    model: str
    installed: bool
    loaded: bool
    device: str | None
    memory_bytes: int
