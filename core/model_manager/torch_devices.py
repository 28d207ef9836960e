"""The devices torch sees. The only core module that imports torch: the worker resolves its dotted path."""

import gc
from functools import partial

import torch

from core import heap
from core.model_manager.devices import Device, DeviceUnavailable, host_memory_bytes

# What torch and its libraries say where they raise a plain RuntimeError instead of OutOfMemoryError.
OUT_OF_MEMORY_PHRASES = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")


def probe(wanted: str) -> Device:
    """The device called `wanted`; `auto` takes the first GPU, else Apple's, else the CPU.

    Raises DeviceUnavailable when torch cannot use it here.
    """
    name = _best() if wanted == "auto" else wanted
    try:
        device = torch.device(name)
        total = _total_bytes(device)
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise DeviceUnavailable(
            f"STUDIO_DEVICE={wanted}: PyTorch cannot use it here ({reason}). Install one that can, for "
            "example with make clean and make setup TORCH=cu128, or set STUDIO_DEVICE=auto."
        ) from error
    return Device(
        name=str(device),
        kind=device.type,
        total_bytes=total,
        is_out_of_memory=is_out_of_memory,
        release_cached=partial(release_cached, device.type),
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` means that a device, or the host, has no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        phrase in str(error).lower() for phrase in OUT_OF_MEMORY_PHRASES
    )


def release_cached(kind: str) -> None:
    """Gives the memory that torch and the heap keep for later back to the device and the host."""
    gc.collect()
    heap.give_back()
    if kind == "cuda":
        torch.cuda.empty_cache()
    elif kind == "mps":
        torch.mps.empty_cache()


def _best() -> str:
    if torch.cuda.is_available():
        return "cuda:0"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _total_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    if device.type == "mps":
        return torch.mps.recommended_max_memory()
    if device.type == "cpu":
        return host_memory_bytes()
    raise ValueError("use auto, cpu, cuda, cuda:<n> or mps")
