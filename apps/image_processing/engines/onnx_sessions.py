"""The ONNX file of a model's folder, opened."""

from pathlib import Path
from typing import Any

from core import onnx
from core.exceptions import OperationFailed


def open_session(folder: Path, device: str) -> Any:
    """A session of the one .onnx file in `folder` on `device` (`cpu`, `cuda:0`).

    Raises OperationFailed `broken_model` when there is no such file or it cannot be read.
    """
    files = sorted(folder.glob("*.onnx"))
    if len(files) != 1:
        raise OperationFailed(
            f"The model's folder {folder.name} should hold one .onnx file, and holds {len(files)}.",
            code="broken_model",
        )
    return onnx.open_session(files[0], device, arena=False)  # pictures come in any size


def weights_size(folder: Path) -> int:
    """Bytes of the model's files, external weights included: what it takes in memory, at least."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
