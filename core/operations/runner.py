"""Prepares and runs an operation by name: apps use each other's work without importing each other."""

from typing import Any

from core.exceptions import OperationFailed
from core.operations import registry
from core.operations.context import Context
from core.operations.inputs import Input


def prepare(name: str, /, *, owner: str, **fields: Any) -> Input:
    """The input of operation `name` for what a request says; pictures are given as `Picture`.

    Raises what the operation's `prepare` raises: InvalidInput, LicenceNotAccepted, ModelMissing, ...
    """
    return registry.get(name).preparer(owner=owner, **fields)


def run(name: str, input: Any, context: Context) -> Any:  # noqa: A002
    """The output of operation `name` for `input` (an instance of the operation's input class).

    Runs in the calling thread under the caller's `context`: its cancel flag, its progress, its images. Raises
    whatever the handler raises, and OperationFailed (`unknown_operation`, `wrong_input`).
    """
    operation = registry.get(name)
    if not isinstance(input, operation.input):
        raise OperationFailed(
            f"{name} takes {operation.input.__name__}, not {type(input).__name__}.", code="wrong_input"
        )
    context.check()
    return operation.run(input, context)
