"""Colours as CSS writes them."""

from PIL import ImageColor


def as_hex(text: str) -> str | None:
    """`#rrggbb` for a name, `#rgb` or `#rrggbb` in any case; None for anything else."""
    word = text.strip().lower()
    if word not in ImageColor.colormap and not (word.startswith("#") and len(word) in {4, 7}):
        return None
    try:
        red, green, blue = ImageColor.getrgb(word)[:3]
    except ValueError:
        return None
    return f"#{red:02x}{green:02x}{blue:02x}"
