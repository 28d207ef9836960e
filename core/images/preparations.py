"""What may be begun as soon as a picture is uploaded: apps register names for their operations."""

from collections.abc import Mapping

_operations: dict[str, str] = {}


def register(name: str, operation: str) -> None:
    """Lets an upload say `prepare=<name>`: `operation` is then prepared with `image` and queued.

    Raises ValueError when the name is taken.
    """
    if _operations.setdefault(name, operation) != operation:
        raise ValueError(f"Preparation {name!r} is registered twice.")


def known() -> Mapping[str, str]:
    """The operations by the names that an upload may say."""
    return _operations
