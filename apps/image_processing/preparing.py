"""From the fields of a request to an operation's input: checked as a whole before anything is stored."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from apps.image_processing.edits import AnyEdit, Convert, Size
from apps.image_processing.operations import PIPELINE, EditInput
from apps.image_processing.sources import source_type
from apps.image_processing.tools import TOOLS
from core.exceptions import InvalidInput, StudioError, TooLarge
from core.images import store
from core.images.encoding import Format
from core.images.picture import Picture

# Where msgspec says that something is wrong: "... - at `$.box[1]`", "missing required field `angle`".
_PLACE = re.compile(r"(?:at `\$\.|field `)([\w\[\]]+)")

Fields = dict[str, Any]
Planned = tuple[AnyEdit, dict[str, Picture]]  # an edit and its further pictures, by name


def prepare_one(
    tool: str, *, owner: str, output_format: Format | None = None, quality: int | None = None, **fields: Any
) -> EditInput:
    """The input of one edit. Raises InvalidInput, TooLarge, LicenceNotAccepted and ModelMissing."""
    main = TOOLS[tool].main
    image: Picture | None = fields.pop(main, None)
    if image is None:
        raise InvalidInput.for_field(main, f"Give {main} or {main}_id.")
    if tool == "convert":
        fields |= {"output_format": output_format, "quality": quality}
    planned = _planned({"op": tool, **fields})
    size = _size_after(planned, image.image.size)
    return _input(tool, owner, image, [planned], size, output_format)


def prepare_steps(
    *, owner: str, image: Picture, steps: Sequence[Fields], output_format: Format | None = None
) -> EditInput:
    """The input of several edits. An error in the third names its field `steps[2].…`. Raises as above."""
    size, planned = image.image.size, []
    for number, fields in enumerate(steps):
        try:
            planned.append(_planned(fields))
            size = _size_after(planned[-1], size)
        except StudioError as error:
            raise _located(error, f"steps[{number}]") from None
    return _input(PIPELINE, owner, image, planned, size, output_format)


def _planned(fields: Fields) -> Planned:
    pictures = {name: value for name, value in fields.items() if isinstance(value, Picture)}
    plain = {name: value for name, value in fields.items() if name not in pictures}
    try:
        edit: AnyEdit = msgspec.convert(plain, AnyEdit)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        message = str(error).partition(" - at")[0]
        raise InvalidInput.for_field(place.group(1) if place else "op", f"{message}.") from None
    for name in edit.needs:
        if name not in pictures:
            raise InvalidInput.for_field(name, f"Give {name} or {name}_id.")
    return edit.settled(), pictures


def _size_after(planned: Planned, size: Size) -> Size:
    edit, pictures = planned
    width, height = edit.size_after(size, {name: picture.image for name, picture in pictures.items()})
    if width * height > settings.STUDIO_MAX_IMAGE_PIXELS:
        raise TooLarge(
            f"The result would have {width:,} x {height:,} pixels. "
            f"A picture may have at most {settings.STUDIO_MAX_IMAGE_PIXELS:,}.",
            code="too_many_pixels",
        )
    return width, height


def _input(
    tool: str,
    owner: str,
    image: Picture,
    planned: Sequence[Planned],
    size: Size,
    output_format: Format | None,
) -> EditInput:
    edits = tuple(edit for edit, _ in planned)
    file = next((edit for edit in reversed(edits) if isinstance(edit, Convert)), Convert())
    return EditInput(
        tool=tool,
        image=store.take(owner=owner, picture=image),
        edits=edits,
        pictures=tuple(_taken(owner, pictures) for _, pictures in planned),
        width=size[0],
        height=size[1],
        output_format=output_format or file.output_format or "png",
        quality=file.quality,
        digital_source_type=source_type(image, planned),
    )


def _taken(owner: str, pictures: Mapping[str, Picture]) -> dict[str, UUID]:
    return {name: store.take(owner=owner, picture=picture) for name, picture in pictures.items()}


def _located(error: StudioError, place: str) -> StudioError:
    """The same error, said of a step: `width` becomes `steps[2].width`."""
    errors = {f"{place}.{name}": said for name, said in (error.errors or {}).items()}
    return type(error)(
        f"{place}: {error.message}",
        code=error.error_code,
        errors=errors or {place: [error.message]},
        retry_after=error.retry_after,
    )
