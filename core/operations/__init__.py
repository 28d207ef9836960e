"""Everything the studio can do is an operation: `operations.run(name, input, context)`."""

from core.operations.context import Context, SavedImage
from core.operations.registry import Lane, Operation, get, names, register
from core.operations.runner import run

__all__ = ["Context", "Lane", "Operation", "SavedImage", "get", "names", "register", "run"]
