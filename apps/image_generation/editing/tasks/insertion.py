"""insertion: the object of a reference picture put into the white part of the mask.

It is cut out, fitted into that part, toned and blended. With a `strength` the model then paints over it
there.
"""

from PIL import Image

from apps.image_generation.editing.task import Aside, Given, Start, Task
from apps.image_generation.engines.harmonising import inserted, placed
from core.images.masks import meant

METHOD = "harmonised-paste"
# In a picture with a shorter side than this nothing can be told from its background.
LEAST_SIDE = 16
CUT_OUT = "background_removal.remove"


def begin(given: Given, aside: Aside) -> Start:
    """The picture with the object in it."""
    assert given.mask is not None
    assert given.reference is not None
    opacity, made_by = _opacity(given.reference, given.reference_mask, aside)
    thing = placed(given.reference, opacity, meant(given.mask))
    return Start(inserted(given.picture, thing), given.mask, made_by)


def _opacity(
    reference: Image.Image, mask: Image.Image | None, aside: Aside
) -> tuple[Image.Image | None, str]:
    """What of the reference picture is the object: as the client says, as it is transparent, or as is seen.

    None for all of it, where nothing stands out.
    """
    if mask is not None:
        return mask, METHOD
    if reference.mode == "RGBA" and reference.getchannel("A").getextrema() != (255, 255):
        return reference.getchannel("A"), METHOD
    if min(reference.size) < LEAST_SIDE:
        return None, METHOD
    cut_out, made_by = aside(CUT_OUT, image=reference)
    opacity = cut_out.convert("RGBA").getchannel("A")
    return (opacity if opacity.getbbox() else None), f"{made_by}, {METHOD}"


TASK = Task("insertion", begin, needs_mask=True, needs_reference=True, asks_others=True)
