"""The app's calls: what each is named, which edit it makes, and whether it is worth a job.

At 50 megapixels those in the lane INLINE take three seconds at most, much of it for reading and writing the
files. Denoising, upscaling and removing an object take up to minutes: they are jobs, with progress, that can
be cancelled.
"""

from dataclasses import dataclass

from apps.image_processing import edits
from core.operations import Lane


@dataclass(frozen=True)
class Tool:
    """One call. `main` is the field with the picture that is edited."""

    name: str
    edit: type[edits.Edit]
    summary: str
    lane: Lane = Lane.INLINE
    main: str = "image"

    @property
    def is_job(self) -> bool:
        return self.lane is not Lane.INLINE


_ALL = (
    Tool("resize", edits.Resize, "Resize a picture"),
    Tool("crop", edits.Crop, "Crop a picture"),
    Tool("rotate", edits.Rotate, "Rotate a picture clockwise"),
    Tool("flip", edits.Flip, "Mirror a picture"),
    Tool("adjust", edits.Adjust, "Change brightness, contrast, saturation, sharpness and gamma"),
    Tool("convert", edits.Convert, "Write a picture in another format"),
    Tool("white_balance", edits.WhiteBalance, "Take the colour of the light out of a picture"),
    Tool("composite", edits.Composite, "Lay one picture over another", main="background"),
    Tool("extract_object", edits.ExtractObject, "Cut out what a mask shows"),
    Tool("enhance", edits.Enhance, "Improve levels, noise and sharpness", lane=Lane.CPU),
    Tool("upscale", edits.Upscale, "Give a picture two or four times the pixels a side", lane=Lane.CPU),
    Tool("remove_object", edits.RemoveObject, "Fill what a mask shows from around it", lane=Lane.CPU),
)

TOOLS = {tool.name: tool for tool in _ALL}
