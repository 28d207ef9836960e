"""The edits a picture can go through, each with its parameters as they are stored and sent: `{"op": ...}`."""

from apps.image_processing.edits.base import Edit, Pictures, Size
from apps.image_processing.edits.colour import Adjust, Convert, WhiteBalance
from apps.image_processing.edits.detail import Enhance, Upscale
from apps.image_processing.edits.geometry import Crop, Flip, Resize, Rotate
from apps.image_processing.edits.objects import Composite, ExtractObject, RemoveObject

AnyEdit = (
    Resize
    | Crop
    | Rotate
    | Flip
    | Adjust
    | Convert
    | Enhance
    | Upscale
    | WhiteBalance
    | Composite
    | ExtractObject
    | RemoveObject
)

__all__ = [
    "Adjust",
    "AnyEdit",
    "Composite",
    "Convert",
    "Crop",
    "Edit",
    "Enhance",
    "ExtractObject",
    "Flip",
    "Pictures",
    "RemoveObject",
    "Resize",
    "Rotate",
    "Size",
    "Upscale",
    "WhiteBalance",
]
