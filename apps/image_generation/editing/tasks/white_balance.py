"""white-balance: the colour of the light taken out, by image_processing's own operation."""

from apps.image_generation.editing.task import Aside, Given, Start, Task
from apps.image_generation.engines.compositing import composite
from core.images.masks import meant

BALANCE = "image_processing.white_balance"


def begin(given: Given, aside: Aside) -> Start:
    """The picture in neutral light: all of it, or what the mask shows."""
    balanced, made_by = aside(BALANCE, image=given.picture)
    balanced = balanced.convert("RGB")
    if given.mask is not None:
        balanced = composite(given.picture, balanced, meant(given.mask))
    return Start(balanced, given.mask, made_by)


TASK = Task("white-balance", begin, paints=False, asks_others=True)
