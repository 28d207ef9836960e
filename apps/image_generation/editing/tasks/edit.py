"""edit: the picture as the words say, all of it or what a mask shows."""

from apps.image_generation.editing.task import Aside, Given, Start, Task


def begin(given: Given, aside: Aside) -> Start:
    """The picture as it is."""
    return Start(given.picture, given.mask)


# An editing model follows the words and knows no strength; any other keeps the layout at this one.
TASK = Task("edit", begin, strength=0.6, needs_words=True)
