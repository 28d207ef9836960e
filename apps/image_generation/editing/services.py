"""The face of editing: fill in a request, and look at the pictures behind a result."""

from typing import Any

from apps.image_generation.editing import kept_images
from apps.image_generation.editing.kept_images import Kept
from apps.image_generation.editing.operations import EditInput
from apps.image_generation.editing.requests import EditRequest, prepared


def prepare_edit(*, owner: str, **fields: Any) -> EditInput:
    """The input for an edit; `fields` are those of `EditRequest`, pictures as `Picture`.

    Raises InvalidInput that names the field, LicenceNotAccepted and ModelMissing for a model that cannot be
    used here, and TooLarge for a canvas that grows too large.
    """
    return prepared(EditRequest(**fields), owner=owner)


def request_images(*, owner: str, request_id: str) -> list[Kept]:
    """The pictures behind an edit of the last hour: what it was given and began with. NotFound for none."""
    return kept_images.of(owner=owner, request_id=request_id)
