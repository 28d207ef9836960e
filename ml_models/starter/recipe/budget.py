"""How long a training may take."""

import math
import time
from dataclasses import dataclass, field


@dataclass
class Budget:
    """A number of steps or minutes, whichever runs out first; but minutes never before `least` steps.

    So a short training on a slow or busy machine still trains, and takes longer.
    step and spent (seconds) are how far earlier runs have come, so that a resumed training ends when the
    uninterrupted one would have.
    """

    steps: float = math.inf
    minutes: float = math.inf
    least: int = 0
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
        time_share = self.spent / (self.minutes * 60)
        if self.least:
            time_share = min(time_share, self.step / self.least)
        return max(self.step / self.steps, time_share)

    def warmth(self, steps: int) -> float:
        """Rises to 1 over the first steps, or the first twentieth of the budget if that is shorter."""
        return min(1, max((self.step + 1) / steps, self.progress * 20))
