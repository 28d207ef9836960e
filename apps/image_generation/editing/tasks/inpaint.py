"""inpaint: the white part of the mask painted anew, to fit what is around it."""

from apps.image_generation.editing.task import Aside, Given, Start, Task


def begin(given: Given, aside: Aside) -> Start:
    """The picture as it is."""
    return Start(given.picture, given.mask)


TASK = Task("inpaint", begin, strength=1.0, needs_words=True, needs_mask=True)
