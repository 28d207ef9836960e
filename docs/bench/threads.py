"""How many threads both sides get."""

import os
import subprocess
import sys

SETTERS = frozenset({"OMP_NUM_THREADS", "MKL_NUM_THREADS"})


def default_threads() -> int:
    """What torch chooses on this machine when nobody tells it, as at a user's."""
    command = [sys.executable, "-c", "import torch; print(torch.get_num_threads())"]
    free = {name: value for name, value in os.environ.items() if name not in SETTERS}
    said = subprocess.run(command, env=free, check=True, capture_output=True, text=True)  # noqa: S603
    return int(said.stdout)
