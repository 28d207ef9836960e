"""How much freed memory the process keeps, where its C library is glibc.

A picture's last layers take and free blocks of many megabytes. By default glibc gives such blocks back to the
kernel and then has them again page by page, which is a third of the time that the starter's decoder takes.
"""

import ctypes
import os
import sys
from collections.abc import Callable

MIB = 2**20
KEPT_BYTES = 256 * MIB
# Larger blocks go back as soon as they are freed. glibc takes no larger limit.
LARGEST_KEPT_BLOCK = 32 * MIB
# Parameters of mallopt(3), and what is set: one heap for all threads, because the kept memory is per heap.
MALLOC_OPTIONS = {-8: 1, -3: LARGEST_KEPT_BLOCK, -1: KEPT_BYTES}  # ARENA_MAX, MMAP_ and TRIM_THRESHOLD
SETTERS = ("MALLOC_", "GLIBC_TUNABLES")


def keep_freed() -> None:
    """Keeps up to KEPT_BYTES for the next picture, unless the environment tunes malloc itself.

    To be called before there are threads. Does nothing where there is no glibc.
    """
    mallopt = _glibc("mallopt")
    if mallopt and not any(name.startswith(SETTERS) for name in os.environ):
        for option, value in MALLOC_OPTIONS.items():
            mallopt(option, value)


def give_back() -> None:
    """Gives the kernel what is kept, where it fills whole pages."""
    if malloc_trim := _glibc("malloc_trim"):
        malloc_trim(0)


def _glibc(function: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), function, None) if sys.platform == "linux" else None
