"""What the libraries that compute find when they are first imported: their environment, and the heap."""

import os
import sys

from core import heap

# How a thread of a matrix product waits for the others: it spins for a millisecond, then sleeps. Spinning for
# ever starves the web process. Sleeping soon costs more: whenever another thread takes a core for a moment,
# a team that sleeps and is woken elsewhere loses more than twice that moment. And once more threads have
# computed than there are cores, OpenMP hardly spins at all; ACTIVE raises that limit from 100 turns to 1,000.
GNU_OPENMP = {"GOMP_SPINCOUNT": "100000", "OMP_WAIT_POLICY": "ACTIVE"}


def prepare() -> None:
    """Sets what nobody has set. For a worker, before it imports torch and starts threads."""
    heap.keep_freed()
    usual = {"TRANSFORMERS_VERBOSITY": "error"}  # it advises on every import
    if sys.platform == "linux":  # elsewhere torch brings another OpenMP, which would spin for ever
        usual |= GNU_OPENMP
    for name, value in usual.items():
        os.environ.setdefault(name, value)
