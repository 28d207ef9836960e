"""outpaint: a larger canvas, its new part painted to go on from the picture."""

from apps.image_generation.editing.task import Aside, Given, Start, Task
from apps.image_generation.engines.outpainting import extended, new_area


def begin(given: Given, aside: Aside) -> Start:
    """The picture on its larger canvas, what is new prepared from its own edge."""
    return Start(extended(given.picture, given.padding), new_area(given.picture.size, given.padding))


TASK = Task("outpaint", begin, strength=1.0, needs_padding=True, takes_mask=False)
