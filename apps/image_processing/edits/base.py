"""What every edit can say of itself before it is made, and how it is made."""

from collections.abc import Mapping
from typing import ClassVar, Self

import msgspec
from PIL import Image

from core.images.provenance import DigitalSourceType
from core.operations import Context

Size = tuple[int, int]
Pictures = Mapping[str, Image.Image]


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op"):
    """One edit with its parameters. Further pictures come by name; those in `needs` have to."""

    needs: ClassVar[tuple[str, ...]] = ()

    def settled(self) -> Self:
        """The same with nothing left open: defaults filled in, a model chosen and seen to be usable.

        Raises InvalidInput, LicenceNotAccepted or ModelMissing.
        """
        return self

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        """Width and height of the result for a picture of `size`. InvalidInput where it cannot be made."""
        return size

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        """The result for `image` (RGB, RGBA or L), in one of the same modes."""
        raise NotImplementedError

    @property
    def technique(self) -> str:
        """What does it where there is a choice: a catalogue's id or a technique's name."""
        return ""

    @property
    def digital_source_type(self) -> DigitalSourceType:
        """What IPTC calls a photo after this edit."""
        return DigitalSourceType.HUMAN_EDITS
