"""The backgrounds that a request can name."""

from apps.background_removal.operations import BLUR, TRANSPARENT
from core.images.colours import as_hex


def named(text: str) -> str | None:
    """`transparent`, `blur` or a colour as `#rrggbb`, whichever `text` says; None when it says none of these.

    Colours are CSS's names, `#rgb` and `#rrggbb`, in any case.
    """
    word = text.strip().lower()
    return word if word in {TRANSPARENT, BLUR} else as_hex(word)
