"""A picture as a client gave it."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from PIL import Image

from core.images import codec


@dataclass(frozen=True)
class Picture:
    """The bytes of one picture; `image_id` where the client named a stored one instead of sending it."""

    data: bytes
    image_id: UUID | None = None

    @cached_property
    def image(self) -> Image.Image:
        """The pixels as `core.images.codec.decode` gives them, decoded on first use. Do not change them."""
        return codec.decode(self.data)
