"""What this app asks of an engine that tells a subject from its background. Both sides import it."""

from typing import Protocol

from PIL import Image


class Segmenter(Protocol):
    """A loaded model, or a technique that needs none."""

    def segment(self, image: Image.Image) -> Image.Image:
        """The mask of the subject in `image` (RGB): mode L, of the same size, 255 where it is opaque.

        May be called from several threads at a time. The same picture gives the same mask.
        """
