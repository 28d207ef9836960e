"""Real-ESRGAN and its like as ONNX: one RGB input 1 x 3 x H x W from 0 to 1, one output some times larger."""

from pathlib import Path

import cv2
import numpy as np

from apps.image_processing.engines.onnx_sessions import open_session
from apps.image_processing.engines.tiling import Pixels
from core.exceptions import OperationFailed

# Where the model leaves its size open: a tile of 256 takes an RRDB network some 2 GB.
_SIDE = 256
# Windowed transformers (Swin2SR: 8) and pixel-unshuffling models (x2plus: 2) want sides of whole multiples.
_MULTIPLE = 16
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class OnnxSuperResolver:
    """See `upscaling.SuperResolver`. May be called from several threads at a time."""

    def __init__(self, folder: Path, device: str) -> None:
        self._session = open_session(folder, device)
        inputs = self._session.get_inputs()
        shape = inputs[0].shape
        if len(inputs) != 1 or len(shape) != 4 or shape[1] != 3 or inputs[0].type not in _TYPES:
            raise OperationFailed(
                "A super-resolution model takes one float input of the shape 1 x 3 x H x W.",
                code="broken_model",
            )
        self._name, self._type = inputs[0].name, _TYPES[inputs[0].type]
        # (height, width) where the file fixes them; a symbol or None where it does not.
        self._fixed = (
            (shape[2], shape[3]) if isinstance(shape[2], int) and isinstance(shape[3], int) else None
        )
        self.side = min(self._fixed) if self._fixed else _SIDE

    def enlarge(self, tile: Pixels) -> Pixels:
        height, width = tile.shape[:2]
        full_height, full_width = self._fixed or (_rounded_up(height), _rounded_up(width))
        padded = cv2.copyMakeBorder(
            tile, 0, full_height - height, 0, full_width - width, cv2.BORDER_REPLICATE
        )
        planes = (padded.astype(np.float32) / 255).transpose(2, 0, 1)[None].astype(self._type)
        made = self._session.run(None, {self._name: planes})[0][0].astype(np.float32)
        factor = made.shape[1] // full_height
        pixels = np.rint(np.clip(made, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
        return np.ascontiguousarray(pixels[: height * factor, : width * factor])


def _rounded_up(side: int) -> int:
    return -(-side // _MULTIPLE) * _MULTIPLE
