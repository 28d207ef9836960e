"""Opening an ONNX file: on the device that the model manager names, without an arena that only grows."""

from pathlib import Path

import onnxruntime

from core.exceptions import OperationFailed


def open_session(folder: Path, device: str) -> onnxruntime.InferenceSession:
    """A session of the one .onnx file in `folder` on `device` (`cpu`, `cuda:0`).

    Raises OperationFailed `broken_model` when there is no such file or it cannot be read.
    """
    files = sorted(folder.glob("*.onnx"))
    if len(files) != 1:
        raise OperationFailed(
            f"The model's folder {folder.name} should hold one .onnx file, and holds {len(files)}.",
            code="broken_model",
        )
    options = onnxruntime.SessionOptions()
    # The arena keeps the peak of every shape it has seen (onnxruntime issue 11118).
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(files[0], options, providers=_providers(device))
    except Exception as error:  # onnxruntime raises classes of its own, one a cause
        raise OperationFailed(f"{files[0].name} is not a sound ONNX model.", code="broken_model") from error


def weights_size(folder: Path) -> int:
    """Bytes of the model's files, external weights included: what it takes in memory, at least."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def _providers(device: str) -> list[str | tuple[str, dict[str, str]]]:
    kind, _, number = device.partition(":")
    if kind == "cuda" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return [("CUDAExecutionProvider", {"device_id": number or "0"}), "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]
