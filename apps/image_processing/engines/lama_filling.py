"""LaMa (Suvorov et al. 2022, "Resolution-robust Large Mask Inpainting with Fourier Convolutions") as ONNX."""

from pathlib import Path

import cv2
import numpy as np

from apps.image_processing.engines.holes import Mask, Tell
from apps.image_processing.engines.onnx_sessions import open_session
from apps.image_processing.engines.tiling import Pixels
from core.exceptions import OperationFailed

_SIDE = 512  # where the file leaves it open; the export that is known best has it fixed


class LamaFiller:
    """See `holes.Filler`. Takes a file with the inputs `image` (1 x 3 x S x S, 0 to 1) and `mask`
    (1 x 1 x S x S, 1 = hole) and one output of the image's shape, 0 to 255 or 0 to 1.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self._session = open_session(folder, device)
        shapes = {put.name: put.shape for put in self._session.get_inputs()}
        if set(shapes) != {"image", "mask"} or any(len(shape) != 4 for shape in shapes.values()):
            raise OperationFailed("A LaMa model takes two inputs, image and mask.", code="broken_model")
        side = shapes["image"][2]
        self._side = side if isinstance(side, int) else _SIDE

    def fill(self, pixels: Pixels, hole: Mask, tell: Tell) -> Pixels:
        tell(0)
        height, width = hole.shape
        # A square, so that nothing is stretched: what is missing is a mirror image.
        below, right = max(0, width - height), max(0, height - width)
        square = cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REFLECT)
        square_hole = cv2.copyMakeBorder(hole.astype(np.uint8), 0, below, 0, right, cv2.BORDER_REFLECT)
        side = square.shape[0]
        made = self._run(square, square_hole)
        bigger = cv2.resize(made, (side, side), interpolation=cv2.INTER_CUBIC)
        return np.asarray(np.rint(np.clip(bigger[:height, :width], 0, 255)), np.uint8)

    def _run(self, square: Pixels, hole: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """S x S x 3, float32, 0 to 255."""
        size = (self._side, self._side)
        way = cv2.INTER_AREA if square.shape[0] > self._side else cv2.INTER_CUBIC
        image = cv2.resize(square, size, interpolation=way).astype(np.float32) / 255
        mask = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
        made = self._session.run(
            None,
            {"image": image.transpose(2, 0, 1)[None], "mask": mask.astype(np.float32)[None, None]},
        )[0][0]
        # Exports differ in their scale. The picture has pixels brighter than 1.5 of 255 in either.
        factor = 255.0 if made.max() <= 1.5 else 1.0
        return np.ascontiguousarray(made.transpose(1, 2, 0) * factor, dtype=np.float32)
