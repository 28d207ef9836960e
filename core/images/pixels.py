"""Every kind of pixels Pillow reads, as the three the studio works with: RGB, RGBA and L, 8 bit, upright."""

import io

import numpy as np
from PIL import ExifTags, Image, ImageCms

from core.exceptions import InvalidInput

# What undoes each EXIF orientation (CIPA DC-008, 4.6.4); 1 is upright.
_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIXTEEN_BIT = {"I;16", "I;16L", "I;16B", "I;16N"}
_GREY = {"1", "L"}
_COLOUR = {"RGB", "RGBA", "YCbCr", "CMYK", "P", "PA", "LA"}


def standardised(image: Image.Image) -> Image.Image:
    """A copy in RGB, RGBA (where the file may hold transparency) or L, upright, without metadata.

    16-bit grey is scaled to 8 bit, an ICC profile for RGB or CMYK is applied: the result is sRGB (those for
    grey are ignored: they would change masks). Raises InvalidInput `unsupported_pixels` for 32 bit and Lab.
    """
    turn = _undoing_turn(image)
    result = _in_srgb(_eight_bit(image))
    result = result.transpose(turn) if turn is not None else result
    result = result.copy() if result is image else result
    result.info = {}
    return result


def is_standard(image: Image.Image) -> bool:
    """Whether its pixels are already what `standardised` would make of them."""
    plain = image.mode in {"L", "RGB", "RGBA"} and "transparency" not in image.info
    return plain and _undoing_turn(image) is None and _foreign_profile(image) is None


def on_white(image: Image.Image) -> Image.Image:
    """RGB on white where `image` is RGBA; else `image` itself."""
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _undoing_turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _UNDO.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF raises anything, and says nothing about the pixels
        return None


def _eight_bit(image: Image.Image) -> Image.Image:
    """L, RGB, RGBA or, for the profile's sake, CMYK."""
    if image.mode in _SIXTEEN_BIT:
        return _from_sixteen_bit(image)
    if image.mode not in _GREY | _COLOUR:
        raise InvalidInput(
            f"Pixels of the kind {image.mode} are not supported. Convert them to 8 bits of RGB or grey.",
            code="unsupported_pixels",
        )
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in _GREY:
        return image.convert("L")
    return image if image.mode == "CMYK" else image.convert("RGB")


def _from_sixteen_bit(image: Image.Image) -> Image.Image:
    wide = np.asarray(image).astype(np.uint32)
    grey = Image.fromarray(((wide * 255 + 32895) >> 16).astype(np.uint8))  # round(v * 255 / 65535), exactly
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(wide == transparent, 0, 255).astype(np.uint8)))
        return grey.convert("RGBA")
    return grey


def _in_srgb(image: Image.Image) -> Image.Image:
    target = "RGB" if image.mode == "CMYK" else image.mode
    profile = _foreign_profile(image)
    if profile is not None:
        try:
            converted = ImageCms.profileToProfile(
                image, profile, ImageCms.createProfile("sRGB"), outputMode=target
            )
        except ImageCms.PyCMSError:
            converted = None  # a profile that cannot be applied is as good as none
        if converted is not None:
            return converted
    return image if image.mode == target else image.convert(target)


def _foreign_profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The image's ICC profile where applying it would change something."""
    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        is_srgb = "sRGB" in ImageCms.getProfileDescription(profile)
    except (OSError, ImageCms.PyCMSError):
        return None
    fits = profile.profile.xcolor_space.strip() == image.mode.removesuffix("A")
    return profile if fits and not is_srgb else None
