"""Edits that change what can be made out: enhance, upscale."""

from typing import Literal

import msgspec
from PIL import Image

from apps.image_processing.edits.base import Edit, Pictures, Size
from apps.image_processing.engines import denoising, enhancing, upscaling
from core.images.provenance import DigitalSourceType
from core.model_manager.choosing import choose
from core.model_manager.leasing import lease
from core.operations import Context

LANCZOS = "lanczos"
# "Make it better", and no word on how: what hurts no picture.
_USUAL = {"auto_levels": True, "denoise": 0.0, "sharpen": 0.5}


class Enhance(Edit, frozen=True, tag="enhance"):
    """`denoise` and `sharpen` are strengths from 0 to 1. What is left out is off, unless all of it is."""

    auto_levels: bool | None = None
    denoise: float | None = None
    sharpen: float | None = None

    def settled(self) -> "Enhance":
        if self.auto_levels is None and self.denoise is None and self.sharpen is None:
            return msgspec.structs.replace(self, **_USUAL)
        return Enhance(
            auto_levels=bool(self.auto_levels), denoise=self.denoise or 0.0, sharpen=self.sharpen or 0.0
        )

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        # Noise goes first: the other two would make more of it.
        image = denoising.denoise(image, self.denoise or 0.0, context.progress)
        context.check()
        if self.auto_levels:
            image = enhancing.auto_levels(image)
        return enhancing.sharpen(image, self.sharpen or 0.0)

    @property
    def digital_source_type(self) -> DigitalSourceType:
        return DigitalSourceType.ENHANCED


class Upscale(Edit, frozen=True, tag="upscale"):
    """`model` is `lanczos`, an id of the catalogue, or `auto`: the first that is installed, else Lanczos."""

    scale: Literal[2, 4]
    model: str = "auto"

    def settled(self) -> "Upscale":
        model = choose(
            self.model,
            task="super-resolution",
            operation="image_processing.upscale",
            techniques=(LANCZOS,),
        )
        return msgspec.structs.replace(self, model=model)

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        return size[0] * self.scale, size[1] * self.scale

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        if self.model == LANCZOS:
            return upscaling.lanczos(image, self.scale)
        with lease(self.model, waiting=context.loading) as model:
            return upscaling.super_resolve(image, self.scale, model, context.progress)

    @property
    def technique(self) -> str:
        return self.model

    @property
    def digital_source_type(self) -> DigitalSourceType:
        return DigitalSourceType.ENHANCED if self.model == LANCZOS else DigitalSourceType.EDITED
