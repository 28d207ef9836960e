"""How long a training may take."""

import math
import time
from dataclasses import dataclass, field


@dataclass
class Budget:
    """A number of steps or minutes, whichever runs out first.

    step and spent (seconds) are how far earlier runs have come, so that a resumed training ends when the
    uninterrupted one would have.
    """

    steps: float = math.inf
    minutes: float = math.inf
    step: int = 0
    spent: float = 0.0
    _last: float = field(default_factory=time.monotonic)

    def count(self) -> None:
        """One more step is done, and the time since the last call was spent on it."""
        now = time.monotonic()
        self.step += 1
        self.spent += now - self._last
        self._last = now

    @property
    def progress(self) -> float:
        """From 0 at the start to 1 (or a little over) when the budget is used up."""
        return max(self.step / self.steps, self.spent / (self.minutes * 60))

    def warmth(self, steps: int) -> float:
        """Rises to 1 over the first steps, or the first twentieth of the budget if that is shorter."""
        return min(1, max((self.step + 1) / steps, self.progress * 20))
