"""Everything the studio can do is an operation: `operations.run(name, input, context)`."""

from core.operations.context import Context, SavedImage
from core.operations.inputs import Input
from core.operations.registry import Lane, Operation, get, names, register
from core.operations.runner import prepare, run
from core.operations.steps import Step

__all__ = [
    "Context",
    "Input",
    "Lane",
    "Operation",
    "SavedImage",
    "Step",
    "get",
    "names",
    "prepare",
    "register",
    "run",
]
