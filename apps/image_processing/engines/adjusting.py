"""Light and colour by factors: 1.0 is the picture as it is, and leaves every bit of it."""

from PIL import Image, ImageEnhance, ImageStat

from apps.image_processing.engines.transparency import on_colour, visibility


def adjust(
    image: Image.Image,
    *,
    brightness: float = 1.0,
    contrast: float = 1.0,
    saturation: float = 1.0,
    sharpness: float = 1.0,
    gamma: float = 1.0,
    grayscale: bool = False,
) -> Image.Image:
    """`image` with the changes made in the order of the arguments.

    `brightness`, `contrast`, `saturation` and `sharpness` are Pillow's enhancement factors: at 0 the picture
    is black, a flat grey, colourless, blurred; above 1 there is more of it. `gamma` above 1 brightens the
    midtones: out = in ** (1 / gamma). `grayscale` drops the colours (ITU-R 601 luma).
    """

    def enhance(colour: Image.Image) -> Image.Image:
        if brightness != 1.0:
            colour = ImageEnhance.Brightness(colour).enhance(brightness)
        if contrast != 1.0:
            colour = _contrasted(colour, contrast, visibility(image))
        return ImageEnhance.Color(colour).enhance(saturation) if saturation != 1.0 else colour

    def sharpen(colour: Image.Image) -> Image.Image:
        return ImageEnhance.Sharpness(colour).enhance(sharpness)

    def finish(colour: Image.Image) -> Image.Image:
        if gamma != 1.0:
            curve = [round(255 * (value / 255) ** (1 / gamma)) for value in range(256)]
            colour = colour.point(curve * len(colour.getbands()))
        return colour.convert("L") if grayscale else colour

    image = on_colour(image, enhance)
    if sharpness != 1.0:
        image = on_colour(image, sharpen, reads_neighbours=True)
    return on_colour(image, finish)


def _contrasted(colour: Image.Image, factor: float, seen: Image.Image | None) -> Image.Image:
    """As ImageEnhance.Contrast: away from the mean brightness, but of what can be seen."""
    means = ImageStat.Stat(colour.convert("L"), mask=seen)
    mean = round(means.mean[0]) if means.count[0] else 0
    grey = Image.new("L", colour.size, mean).convert(colour.mode)
    return Image.blend(grey, colour, factor)
