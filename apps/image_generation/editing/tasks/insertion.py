"""insertion: the object of a reference picture put into the white part of the mask.

It is fitted into that part, toned and blended. With a `strength` the model then paints over it there.
"""

from apps.image_generation.editing.task import Aside, Given, Start, Task
from apps.image_generation.engines.compositing import changed
from apps.image_generation.engines.harmonising import inserted, placed

METHOD = "harmonised-paste"


def begin(given: Given, aside: Aside) -> Start:
    """The picture with the object in it."""
    assert given.mask is not None
    assert given.reference is not None
    thing = placed(given.reference, given.reference_mask, changed(given.mask))
    return Start(inserted(given.picture, thing), given.mask, METHOD)


TASK = Task("insertion", begin, needs_mask=True, needs_reference=True)
