"""Edits that change colours, and the one that changes only the file."""

from PIL import Image

from apps.image_processing.edits.base import Edit, Pictures, Size
from apps.image_processing.engines import adjusting, white_balance
from core.exceptions import InvalidInput
from core.images.encoding import Format
from core.images.provenance import DigitalSourceType
from core.operations import Context


class Adjust(Edit, frozen=True, tag="adjust"):
    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    sharpness: float = 1.0
    gamma: float = 1.0
    grayscale: bool = False

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return adjusting.adjust(
            image,
            brightness=self.brightness,
            contrast=self.contrast,
            saturation=self.saturation,
            sharpness=self.sharpness,
            gamma=self.gamma,
            grayscale=self.grayscale,
        )


class WhiteBalance(Edit, frozen=True, tag="white_balance"):
    method: white_balance.Method = "shades_of_grey"

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return white_balance.white_balance(image, self.method)

    @property
    def technique(self) -> str:
        return self.method

    @property
    def digital_source_type(self) -> DigitalSourceType:
        return DigitalSourceType.ENHANCED


class Convert(Edit, frozen=True, tag="convert"):
    """The file's format, and its quality (1 to 100) where the format has one. The pixels stay."""

    output_format: Format | None = None
    quality: int | None = None

    def size_after(self, size: Size, pictures: Pictures) -> Size:
        if self.output_format is None:
            raise InvalidInput.for_field("output_format", "Say which format: png, jpeg or webp.")
        return size

    def apply(self, image: Image.Image, pictures: Pictures, context: Context) -> Image.Image:
        return image
