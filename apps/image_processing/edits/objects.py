"""Edits of things in a picture: lay one over it, cut one out, take one away."""

from typing import ClassVar

import msgspec
import numpy as np
from PIL import Image

from apps.image_processing.edits.base import Edit, Pictures, Size
from apps.image_processing.engines import compositing, extracting, removing
from apps.image_processing.engines.holes import Filler
from apps.image_processing.engines.opencv_filling import OpenCVFiller
from apps.image_processing.engines.patch_filling import PatchFiller
from core.exceptions import InvalidInput
from core.images.masks import check_mask, check_mask_size, meant
from core.images.provenance import DigitalSourceType
from core.model_manager.choosing import choose
from core.model_manager.leasing import lease
from core.operations import Context

PATCHES = "patches"
_FILLERS: dict[str, Filler] = {
    PATCHES: PatchFiller(),
    "telea": OpenCVFiller("telea"),
    "ns": OpenCVFiller("ns"),
}


class Composite(Edit, frozen=True, tag="composite"):
    """Lays the picture `foreground` over, its left top corner at (x, y), through a `mask` of its own size."""

    needs: ClassVar = ("foreground",)

    x: int = 0
    y: int = 0
    opacity: float = 1.0

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        foreground, mask = pictures["foreground"], pictures.get("mask")
        if mask is not None:
            check_mask_size(mask, foreground.size)
        compositing.check_overlap(size, foreground.size, self.x, self.y)
        return size

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return compositing.composite(
            image,
            pictures["foreground"],
            x=self.x,
            y=self.y,
            opacity=self.opacity,
            mask=pictures.get("mask"),
        )

    @property
    def digital_source_type(self) -> DigitalSourceType:
        return DigitalSourceType.COMPOSITE


class ExtractObject(Edit, frozen=True, tag="extract_object"):
    """Keeps what the picture `mask` shows white; the rest becomes transparent."""

    needs: ClassVar = ("mask",)

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        check_mask(pictures["mask"], size)
        return size

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return extracting.extract(image, pictures["mask"])


class RemoveObject(Edit, frozen=True, tag="remove_object"):
    """Fills what the picture `mask` shows white from what is around it.

    `model` is `patches`, `telea`, `ns`, an id of the catalogue, or `auto`: the first model that is installed,
    or patches.
    """

    needs: ClassVar = ("mask",)

    model: str = "auto"

    def settled(self) -> "RemoveObject":
        model = choose(
            self.model,
            task="object-removal",
            operation="image_processing.remove_object",
            techniques=tuple(_FILLERS),
        )
        return msgspec.structs.replace(self, model=model)

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        mask = pictures["mask"]
        check_mask(mask, size)
        if np.all(meant(mask)):
            raise InvalidInput.for_field(
                "mask", "The mask covers the whole picture: nothing would be left.", code="mask_full"
            )
        return size

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        mask = meant(pictures["mask"])
        if self.model in _FILLERS:
            return removing.remove(image, mask, _FILLERS[self.model], context.progress)
        with lease(self.model, waiting=context.loading) as filler:
            return removing.remove(image, mask, filler, context.progress)

    @property
    def technique(self) -> str:
        return self.model

    @property
    def digital_source_type(self) -> DigitalSourceType:
        return DigitalSourceType.HUMAN_EDITS if self.model in _FILLERS else DigitalSourceType.EDITED
