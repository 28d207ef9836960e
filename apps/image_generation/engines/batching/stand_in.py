"""What stands in for a part of a pipeline."""

from typing import Any


class StandIn:
    """Everything but its calls is the real part's, its class too: pipelines ask with isinstance."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._real)
