"""removal: what the mask shows is gone, filled from what is around it.

The fill is image_processing's, without diffusion. With a `strength` the model paints over it: for large
areas.
"""

from PIL import Image

from apps.image_generation.editing.task import Aside, Given, Start, Task
from apps.image_generation.engines.compositing import eased
from core.images.masks import meant

FILL = "image_processing.remove_object"


def begin(given: Given, aside: Aside) -> Start:
    """The picture, filled up to a hard border: across a soft one the object would shine through."""
    assert given.mask is not None
    filled, made_by = aside(FILL, image=given.picture, mask=given.mask)
    hole = meant(given.mask)
    whole = Image.composite(filled.convert("RGB"), given.picture, Image.fromarray(hole))
    return Start(eased(whole, hole), given.mask, made_by)


TASK = Task("removal", begin, needs_mask=True, needs_surroundings=True, asks_others=True)
