"""What the studio can do: every operation, by its dotted name.

An app registers its operations in `apps.py`. Registering imports neither the handler nor its engine: the
handler is a dotted path that only the process which runs it resolves, as Django does with its backends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.utils.module_loading import import_string

from core.exceptions import OperationFailed
from core.operations.context import Context
from core.operations.inputs import Input


class Lane(StrEnum):
    """Where an operation runs. Each lane has its own slots, so a long one cannot hold up the other's jobs."""

    INLINE = "inline"  # milliseconds: in the process that asks, without a job row
    CPU = "cpu"
    DEVICE = "device"  # needs the GPU, or the CPU in its place
    TRAINING = "training"  # the same for hours, in pieces that let others in between: one at a time


@dataclass(frozen=True)
class Operation:
    """One thing the studio can do. `input` (an `Input`) and `output` are frozen dataclasses, stored as JSON.

    `handler(input, context)` runs it. `prepare(*, owner, **fields)` makes the input of what a request says:
    it decides what is left open and refuses what cannot be done. Both are dotted paths.
    `version` is stored with each job. When the input changes shape, raise it and give `upgrades[old]`, which
    turns parameters of version `old` into those of `old + 1`: jobs queued before a deploy then still run
    after it.
    """

    name: str
    input: type[Input]
    output: type[Any]
    handler: str
    lane: Lane
    prepare: str = ""
    version: int = 1
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)

    @cached_property
    def run(self) -> Callable[[Any, Context], Any]:
        """The handler itself, imported on first use."""
        handler: Callable[[Any, Context], Any] = import_string(self.handler)
        return handler

    @cached_property
    def preparer(self) -> Callable[..., Input]:
        """The function that `prepare` names, imported on first use."""
        function: Callable[..., Input] = import_string(self.prepare)
        return function


_operations: dict[str, Operation] = {}


def register(*operations: Operation) -> None:
    """Makes `operations` known. Raises ValueError when a name is taken."""
    for operation in operations:
        if operation.name in _operations:
            raise ValueError(f"Operation {operation.name!r} is registered twice.")
        _operations[operation.name] = operation


def get(name: str) -> Operation:
    """The operation called `name`; OperationFailed (`unknown_operation`) when there is none."""
    try:
        return _operations[name]
    except KeyError:
        raise OperationFailed(f"No app here provides {name!r}.", code="unknown_operation") from None


def names() -> list[str]:
    """Every registered name, sorted."""
    return sorted(_operations)
