"""How onnxruntime runs here: on the model manager's device, beside torch and not against it. No Django."""

import os
from pathlib import Path
from typing import Any

import onnxruntime
import structlog

from core.exceptions import OperationFailed

log = structlog.get_logger(__name__)


def open_session(file: Path, device: str, *, arena: bool) -> Any:
    """A session of the ONNX model in `file`. See `providers` and `session_options`.

    Raises OperationFailed `broken_model` when it cannot be read.
    """
    options, wanted = session_options(arena=arena), providers(device)
    try:
        return onnxruntime.InferenceSession(file, options, providers=wanted)
    except MemoryError:  # the model manager makes room and tries again
        raise
    except Exception as error:  # onnxruntime raises classes of its own, one a cause
        log.exception("onnx_model_failed", file=file.name, device=device)
        raise OperationFailed(f"{file.name} is not a sound ONNX model.", code="broken_model") from error


def session_options(*, arena: bool) -> Any:
    """As many threads as torch has, which do not spin.

    The arena is quicker, but keeps the peak of every shape it has seen (onnxruntime issue 11118): it is for
    models that see one shape, or a few.
    """
    options = onnxruntime.SessionOptions()
    # OpenMP allows a list, for nested teams, and nothing. 0: all cores.
    threads = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
    # Threads that spin while they wait take the cores from torch and from the other slots.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = arena
    return options


def providers(device: str) -> list[Any]:
    """What runs models on `device` (`cpu`, `cuda`, `cuda:1`): CUDA where onnxruntime has it, else the CPU."""
    kind, _, number = device.partition(":")
    if kind == "cuda" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return [("CUDAExecutionProvider", {"device_id": int(number or 0)}), "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]
