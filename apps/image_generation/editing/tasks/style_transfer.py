"""style-transfer: the same scene in another style, named by `style` or told in words."""

from apps.image_generation.editing.task import Aside, Given, Start, Task


def begin(given: Given, aside: Aside) -> Start:
    """The picture as it is."""
    return Start(given.picture, given.mask)


# Less than an edit: what the picture shows is to stay.
TASK = Task("style-transfer", begin, strength=0.5, needs_words=True)
