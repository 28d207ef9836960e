"""How onnxruntime runs here: on the model manager's device, beside torch and not against it. No Django."""

import os
from pathlib import Path
from typing import Any

import onnxruntime

from core.exceptions import OperationFailed


def open_session(file: Path, device: str, *, arena: bool) -> Any:
    """A session of the ONNX model in `file`. See `providers` and `session_options`.

    Raises OperationFailed `broken_model` when it cannot be read.
    """
    try:
        return onnxruntime.InferenceSession(file, session_options(arena=arena), providers=providers(device))
    except Exception as error:  # onnxruntime raises classes of its own, one a cause
        raise OperationFailed(f"{file.name} is not a sound ONNX model.", code="broken_model") from error


def session_options(*, arena: bool) -> Any:
    """As many threads as torch has. The arena is quicker, but keeps the peak of every shape it has seen

    (onnxruntime issue 11118): it is for models that see one shape, or a few.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 0))  # as torch does; 0: all cores
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
