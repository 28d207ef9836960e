"""What a subject is put in front of."""

import cv2
import numpy as np
from PIL import Image, ImageOps

from core.images.pixels import on_white

# Of the longer side: as soft as a portrait lens makes it.
BLUR_SIGMA = 0.02


def cut_out(image: Image.Image, mask: Image.Image) -> Image.Image:
    """RGBA: the picture (RGB), opaque by the mask (L). What is wholly transparent is black: it is removed."""
    result = image.copy()
    result.paste(0, mask=mask.point([255] + [0] * 255))
    result.putalpha(mask)
    return result


def before(subject: Image.Image, background: Image.Image) -> Image.Image:
    """RGB: the cut-out (RGBA) in front of a background (RGB) of the same size."""
    result = background.copy()
    result.paste(subject, mask=subject.getchannel("A"))
    return result


def colour(size: tuple[int, int], name: str) -> Image.Image:
    """A background of one colour, `#rrggbb`."""
    return Image.new("RGB", size, name)


def filling(size: tuple[int, int], picture: Image.Image) -> Image.Image:
    """Another picture, scaled and cropped around its middle to fill the size. Its transparency is white."""
    return ImageOps.fit(on_white(picture).convert("RGB"), size, Image.Resampling.LANCZOS)


def blurred(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture's own background out of focus. The subject's colours do not bleed into it."""
    # A blur this wide looks the same when it is done on a small copy.
    sigma = max(image.size) * BLUR_SIGMA
    reduction = max(1, int(sigma / 4))
    size = (max(1, image.width // reduction), max(1, image.height // reduction))
    weight, colours = (
        cv2.resize(np.asarray(part), size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for part in (ImageOps.invert(mask), Image.composite(Image.new("RGB", image.size), image, mask))
    )
    colours, weight = (cv2.GaussianBlur(part, (0, 0), sigma / reduction) for part in (colours, weight / 255))
    soft = colours / np.maximum(weight, 1e-4)[..., None]
    reduced = Image.fromarray((np.clip(soft, 0, 255) + 0.5).astype(np.uint8))
    return reduced.resize(image.size, Image.Resampling.BICUBIC)
