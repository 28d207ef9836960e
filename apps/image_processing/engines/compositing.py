"""Laying one picture over another: Porter and Duff's `over`, with alpha that is not premultiplied."""

from PIL import Image, ImageChops

from core.exceptions import InvalidInput
from core.images.masks import as_mask

Box = tuple[int, int, int, int]


def check_overlap(background: tuple[int, int], foreground: tuple[int, int], x: int, y: int) -> None:
    """Raises InvalidInput (field `x`) when no pixel of the foreground would be seen."""
    left, top, right, bottom = _overlap(background, foreground, x, y)
    if left >= right or top >= bottom:
        raise InvalidInput.for_field(
            "x",
            f"At ({x}, {y}) the foreground lies outside the background, which has "
            f"{background[0]} x {background[1]} pixels.",
        )


def composite(
    background: Image.Image,
    foreground: Image.Image,
    *,
    x: int,
    y: int,
    opacity: float = 1.0,
    mask: Image.Image | None = None,
) -> Image.Image:
    """`foreground` with its left top corner at (x, y) of `background`, cut off at its borders.

    `opacity` 0 to 1 and `mask` (of the foreground's size; white shows) multiply the foreground's own alpha.
    The result has the background's size, and alpha only if that has.
    """
    left, top, right, bottom = _overlap(background.size, foreground.size, x, y)
    part = (left - x, top - y, right - x, bottom - y)
    over = foreground.crop(part).convert("RGBA")
    alpha = over.getchannel("A")
    if mask is not None:
        alpha = ImageChops.multiply(alpha, as_mask(mask.crop(part)))
    if opacity < 1:
        alpha = alpha.point([round(value * opacity) for value in range(256)])
    over.putalpha(alpha)
    under = background.crop((left, top, right, bottom)).convert("RGBA")
    mode = "RGB" if background.mode == "L" else background.mode
    result = background.convert(mode) if background.mode != mode else background.copy()
    result.paste(Image.alpha_composite(under, over).convert(mode), (left, top))
    return result


def _overlap(background: tuple[int, int], foreground: tuple[int, int], x: int, y: int) -> Box:
    return (
        max(0, x),
        max(0, y),
        min(background[0], x + foreground[0]),
        min(background[1], y + foreground[1]),
    )
