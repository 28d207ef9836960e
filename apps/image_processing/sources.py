"""What an edited picture says of where it comes from, in IPTC's words."""

from collections.abc import Sequence

from apps.image_processing.edits import Composite, Edit
from core.images.picture import Picture
from core.images.provenance import DigitalSourceType, declared_source

# Of several plain edits, the one that says the most.
_PLAIN = (DigitalSourceType.HUMAN_EDITS, DigitalSourceType.ENHANCED, DigitalSourceType.COMPOSITE)


def source_type(image: Picture, planned: Sequence[tuple[Edit, dict[str, Picture]]]) -> DigitalSourceType:
    """What the result of the edits is.

    What was generated stays so however it is cropped; with anything else in it, and wherever a trained model
    took part, it is a composite. Nothing else is called generated.
    """
    laid_over = [pictures["foreground"] for edit, pictures in planned if isinstance(edit, Composite)]
    declared = [declared_source(picture.data) for picture in (image, *laid_over)]
    if all(source is DigitalSourceType.GENERATED for source in declared):
        return DigitalSourceType.GENERATED
    edits = [edit.digital_source_type for edit, _ in planned]
    if DigitalSourceType.EDITED in edits or any(declared):
        return DigitalSourceType.EDITED
    return max(edits, key=_PLAIN.index)
