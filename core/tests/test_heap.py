"""What a process keeps of the memory it frees. In processes of their own: the setting is for good."""

import os
import platform
import subprocess
import sys

import pytest

from core import heap

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there is no glibc here")

# Blocks of the size of a decoder's layers, taken and freed in a thread, as the engine does.
PAINTING = """
import resource, threading
from pathlib import Path
import numpy as np
from core import heap

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 2**20

def paint():
    layers = [np.ones(size * 2**17) for size in (3, 12, 12, 24, 24, 12, 12)]  # MiB
    del layers

def measure():
    for _ in range(3):
        paint()
    before = faults()
    for _ in range(10):
        paint()
    print(faults() - before, resident())
    heap.give_back()
    print(resident())

{first}
thread = threading.Thread(target=measure)
thread.start()
thread.join()
"""


def painted(first: str, **environment: str) -> tuple[int, int, int]:
    """Page faults of ten pictures, MiB resident after them, and MiB when the heap is given back."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(heap.SETTERS)}
    said = subprocess.run(
        [sys.executable, "-c", PAINTING.replace("{first}", first)],
        env=inherited | environment,
        check=True,
        capture_output=True,
        text=True,
    )
    faults, resident, given_back = map(int, said.stdout.split())
    return faults, resident, given_back


def test_a_picture_finds_the_memory_of_the_last_one() -> None:
    usual, _, _ = painted("")
    faults, resident, given_back = painted("heap.keep_freed()")
    assert faults < usual / 10  # how many there are depends on the size of a page
    assert given_back < resident - 60


def test_whoever_tunes_malloc_is_left_alone() -> None:
    own, _, _ = painted("", MALLOC_TRIM_THRESHOLD_="131072")
    faults, _, _ = painted("heap.keep_freed()", MALLOC_TRIM_THRESHOLD_="131072")
    assert faults > own / 2 > 0
