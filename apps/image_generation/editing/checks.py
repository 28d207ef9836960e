"""What an edit is refused for, by the name of the field, before anything is stored or queued."""

from typing import TYPE_CHECKING

from django.conf import settings

from apps.image_generation.editing.task import Task
from core.exceptions import InvalidInput, TooLarge
from core.images.masks import check_mask, meant
from core.images.picture import Picture

if TYPE_CHECKING:
    from apps.image_generation.editing.requests import EditRequest


def check(task: Task, request: "EditRequest", *, has_words: bool) -> None:
    """InvalidInput, with the field's name, for what the task needs and the request has not, or has wrong."""
    if task.needs_words and not has_words:
        raise InvalidInput.for_field("prompt", f"Say what {task.name} is to do.", code="required")
    if task.needs_mask and request.mask is None:
        raise InvalidInput.for_field(
            "conditional_images",
            f"{task.name} needs a mask: the first of conditional_images, white where it is to change.",
            code="mask_required",
        )
    if task.takes_mask and request.mask is not None:
        check_mask(request.mask.image, request.input_image.image.size, field="conditional_images")
    if task.needs_surroundings and request.mask is not None and meant(request.mask.image).all():
        raise InvalidInput.for_field(
            "conditional_images", f"The mask is all white: {task.name} would leave nothing.", code="mask_full"
        )
    if task.needs_reference:
        _check_reference(request.reference_image, request.reference_mask_R)
    if task.needs_padding:
        _check_padding(request)
    _check_canvas(task, request)


def wanted_size(request: "EditRequest") -> tuple[int, int]:
    """Width and height (pixels) that the picture is worked on at: its own, or what the request says.

    One side alone keeps the aspect.
    """
    width, height = request.input_image.image.size
    if request.width and request.height:
        return request.width, request.height
    if request.width:
        return request.width, max(1, round(height * request.width / width))
    if request.height:
        return max(1, round(width * request.height / height)), request.height
    return width, height


def _check_reference(reference: Picture | None, mask: Picture | None) -> None:
    if reference is None:
        raise InvalidInput.for_field(
            "reference_image", "insertion needs a picture of what to insert.", code="required"
        )
    if mask is not None:
        check_mask(mask.image, reference.image.size, field="reference_mask_R")


def _check_padding(request: "EditRequest") -> None:
    left, top, right, bottom = request.padding or (0, 0, 0, 0)
    if not (left or top or right or bottom):
        raise InvalidInput.for_field(
            "padding", "outpaint needs the pixels to add: [left, top, right, bottom].", code="required"
        )


def _check_canvas(task: Task, request: "EditRequest") -> None:
    """One side alone makes the other as long as a narrow picture's aspect has it, however long that is."""
    width, height = wanted_size(request)
    left, top, right, bottom = request.padding if task.needs_padding and request.padding else (0, 0, 0, 0)
    if (width + left + right) * (height + top + bottom) > settings.STUDIO_MAX_IMAGE_PIXELS:
        raise TooLarge.for_field(
            "padding" if task.needs_padding else "width" if request.width else "height",
            f"A picture may have at most {settings.STUDIO_MAX_IMAGE_PIXELS:,} pixels.",
            code="too_many_pixels",
        )
