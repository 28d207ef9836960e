"""Making a picture better without being told how: levels and sharpness."""

from PIL import Image, ImageFilter, ImageOps

from apps.image_processing.engines.transparency import on_colour, visibility

# Per cent of the pixels that may become black, and white: dust and glints must not set the range.
_CLIPPED = 0.5
# An unsharp mask for pictures seen on a screen: 1.5 pixels wide, up to 200 per cent at strength 1; what
# differs by less than 3 of 255 is noise and stays.
_RADIUS, _PERCENT, _THRESHOLD = 1.5, 200, 3


def auto_levels(image: Image.Image) -> Image.Image:
    """`image` stretched to the full range from black to white, all channels alike, so that hues stay."""

    def stretch(colour: Image.Image) -> Image.Image:
        return ImageOps.autocontrast(colour, cutoff=_CLIPPED, mask=visibility(image), preserve_tone=True)

    return on_colour(image, stretch)


def sharpen(image: Image.Image, strength: float) -> Image.Image:
    """`image` with an unsharp mask; `strength` 0 (none) to 1 (strong)."""
    if strength == 0:
        return image
    mask = ImageFilter.UnsharpMask(_RADIUS, round(_PERCENT * strength), _THRESHOLD)
    return on_colour(image, lambda colour: colour.filter(mask), reads_neighbours=True)
