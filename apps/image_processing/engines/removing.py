"""Taking an object out of a picture of any mode, whatever technique fills the hole."""

import numpy as np
from PIL import Image

from apps.image_processing.engines.holes import Filler, Mask, fill_holes
from apps.image_processing.engines.opencv_filling import OpenCVFiller
from apps.image_processing.engines.tiling import Report
from apps.image_processing.engines.transparency import visible_colours


def remove(image: Image.Image, mask: Mask, filler: Filler, report: Report) -> Image.Image:
    """`image` with the pixels of `mask` filled by `filler`; all others stay, bit for bit.

    Where the picture is transparent around the object, so is what takes its place.
    """
    colours = np.asarray(visible_colours(image) if image.mode == "RGBA" else image.convert("RGB"))
    filled = fill_holes(colours, mask, filler, report)
    if image.mode == "L":
        grey = np.asarray(image).copy()
        grey[mask] = np.asarray(Image.fromarray(filled).convert("L"))[mask]
        return Image.fromarray(grey)
    if image.mode == "RGB":
        return Image.fromarray(filled)
    pixels = np.asarray(image).copy()
    pixels[mask, :3] = filled[mask]
    alpha = pixels[..., 3]
    if not (alpha == 255).all():
        thrice = np.repeat(alpha[..., None], 3, axis=2)
        pixels[mask, 3] = fill_holes(thrice, mask, OpenCVFiller("telea"), lambda done, of: None)[mask, 0]
    return Image.fromarray(pixels)
