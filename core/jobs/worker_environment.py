"""What the libraries that compute read from the environment when they are first imported."""

import os
import sys

# How a thread of a matrix product waits for the others: it spins for a moment, then sleeps. OpenMP's own
# choice is to spin so long that the web process starves; but once more threads have computed than there are
# cores it hardly spins at all, and waking up between any two loops made a picture take 1.7 times as long on
# two cores. ACTIVE raises that other limit too, from 100 turns to 1,000.
GNU_OPENMP = {"GOMP_SPINCOUNT": "20000", "OMP_WAIT_POLICY": "ACTIVE"}


def prepare() -> None:
    """Sets what nobody has set. For a worker, before it imports torch."""
    usual = {"TRANSFORMERS_VERBOSITY": "error"}  # it advises on every import
    if sys.platform == "linux":  # elsewhere torch brings another OpenMP, which would spin for ever
        usual |= GNU_OPENMP
    for name, value in usual.items():
        os.environ.setdefault(name, value)
