"""The square that a SAM-type encoder sees: how a picture is put into it, and a mask taken out of it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.smart_mask.segmenting import Flags, Mask, Pixels

Coordinates = NDArray[np.float32]  # ... x 2: x, y
Logits = NDArray[np.float32]  # above 0: inside

# Of ImageNet's training pictures, as all SAM models were trained: R, G, B in 0..255.
MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)
# How sure a guidance mask is said to be. SAM's own masks, which it learnt to take back, lie in about +-10.
GUIDANCE_LOGIT = 8.0


@dataclass(frozen=True)
class Frame(ABC):
    """A picture of `width` x `height` pixels in a square of `side` pixels."""

    width: int
    height: int
    side: int

    @property
    @abstractmethod
    def inner(self) -> tuple[int, int]:
        """Width and height that the picture has in the square, from its top left corner."""

    def shrunk(self, image: Pixels) -> Pixels:
        """The picture at its inner size, bilinear with antialiasing, as the models' authors resize."""
        resized = Image.fromarray(image).resize(self.inner, Image.Resampling.BILINEAR)
        return np.asarray(resized)

    def tensor(self, image: Pixels) -> NDArray[np.float32]:
        """1 x 3 x side x side, normalised; zeros where the picture does not reach."""
        width, height = self.inner
        square = np.zeros((1, 3, self.side, self.side), np.float32)
        square[0, :, :height, :width] = ((self.shrunk(image) - MEAN) / DEVIATION).transpose(2, 0, 1)
        return square

    def placed(self, points: Coordinates) -> Coordinates:
        """The points of the picture in the square's pixels."""
        width, height = self.inner
        return points * np.array([width / self.width, height / self.height], np.float32)

    def cropped(self, cells: NDArray[np.float32]) -> NDArray[np.float32]:
        """What a square grid of `cells` says about the picture, without the rest of the square."""
        width, height = self.inner
        per_pixel = cells.shape[-1] / self.side
        return cells[..., : max(1, round(height * per_pixel)), : max(1, round(width * per_pixel))]

    def restored(self, logits: Logits) -> Mask:
        """A square grid of logits as a mask of the picture's own size: 0.5 at logit 0, 0 and 1 at -4 and 4.

        First to the square's pixels, then to the picture's: SAM's own way (`Sam.postprocess_masks`).
        """
        width, height = self.inner
        square = cv2.resize(logits, (self.side, self.side), interpolation=cv2.INTER_LINEAR)
        mask = cv2.resize(square[:height, :width], (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        mask = cv2.addWeighted(mask, 1 / 8, mask, 0, 0.5)
        return np.asarray(np.clip(mask, 0, 1, out=mask), np.float32)

    def gridded(self, guidance: Flags, cells: int) -> Logits:
        """A mask of the picture as logits on a square grid of `cells` a side; beyond the picture: outside."""
        width, height = self.inner
        square = np.zeros((self.side, self.side), np.float32)
        square[:height, :width] = cv2.resize(
            guidance.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA
        )
        shares = cv2.resize(square, (cells, cells), interpolation=cv2.INTER_AREA)
        return np.asarray((shares - 0.5) * 2 * GUIDANCE_LOGIT, np.float32)


@dataclass(frozen=True)
class Letterbox(Frame):
    """The longer side fills the square, what is left over is below or at the right: SAM and MobileSAM."""

    @property
    def inner(self) -> tuple[int, int]:
        scale = self.side / max(self.width, self.height)
        return max(1, int(self.width * scale + 0.5)), max(1, int(self.height * scale + 0.5))


@dataclass(frozen=True)
class Stretched(Frame):
    """Both sides fill the square: SAM 2."""

    @property
    def inner(self) -> tuple[int, int]:
        return self.side, self.side
