"""The backgrounds that a request can name."""

from PIL import ImageColor

from apps.background_removal.operations import BLUR, TRANSPARENT


def named(text: str) -> str | None:
    """`transparent`, `blur` or a colour as `#rrggbb`, whichever `text` says; None when it says none of these.

    Colours are CSS's names, `#rgb` and `#rrggbb`, in any case.
    """
    word = text.strip().lower()
    if word in {TRANSPARENT, BLUR}:
        return word
    if word not in ImageColor.colormap and not (word.startswith("#") and len(word) in {4, 7}):
        return None
    try:
        red, green, blue = ImageColor.getrgb(word)[:3]
    except ValueError:
        return None
    return f"#{red:02x}{green:02x}{blue:02x}"
