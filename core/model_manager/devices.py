"""Where models run. Nothing here imports torch: the worker resolves `torch_devices` by its dotted path."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.module_loading import import_string

from core.exceptions import Unavailable

PROBLEM_TOPIC = "device_problem"  # what a worker reports under it is why it cannot use STUDIO_DEVICE
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class DeviceUnavailable(Unavailable):
    """STUDIO_DEVICE names a device that this machine, or its PyTorch, does not have."""

    code = "device_unavailable"


@dataclass(frozen=True)
class Device:
    """One device. `name` is what torch calls it (`cuda:0`); `kind` is `cpu`, `cuda` or `mps`.

    `is_out_of_memory` says whether an exception means that the device is full; `release_cached` gives memory
    that no model uses any more back to it.
    """

    name: str
    kind: str
    total_bytes: int
    is_out_of_memory: Callable[[BaseException], bool]
    release_cached: Callable[[], None]


def probe(wanted: str) -> Device:
    """The device called `wanted` (`auto`, `cpu`, `cuda`, `cuda:1`, `mps`). Worker only: imports torch.

    Raises DeviceUnavailable when this machine has no such device.
    """
    device: Device = import_string("core.model_manager.torch_devices.probe")(wanted)
    return device


def host_memory_bytes() -> int:
    """This machine's memory, or the share of it that the container may use, in bytes."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in CGROUP_LIMITS:
        try:
            total = min(total, int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return total
