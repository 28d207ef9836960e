"""What an edited picture says of where it comes from, in IPTC's words."""

from collections.abc import Sequence

from apps.image_processing.edits import Composite, Edit
from core.images.picture import Picture
from core.images.provenance import DigitalSourceType, edited_source

# Of several edits, the one that says the most.
_RANKS = (
    DigitalSourceType.HUMAN_EDITS,
    DigitalSourceType.ENHANCED,
    DigitalSourceType.COMPOSITE,
    DigitalSourceType.EDITED,
)


def source_type(image: Picture, planned: Sequence[tuple[Edit, dict[str, Picture]]]) -> DigitalSourceType:
    """What the result of the edits is."""
    laid_over = [pictures["foreground"] for edit, pictures in planned if isinstance(edit, Composite)]
    files = (picture.data for picture in (image, *laid_over))
    return edited_source(files, max((edit.digital_source_type for edit, _ in planned), key=_RANKS.index))
