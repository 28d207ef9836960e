"""How a request brings a picture: in the field itself, or as the id of one that is already stored.

A PictureSerializer that declares `mask = PictureField()` takes `mask` or `mask_id`; either way
`validated_data["mask"]` is a Picture.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from core.accounts.owners import owner_of
from core.api.serializers import StrictSerializer
from core.exceptions import InvalidInput, NotFound, TooLarge
from core.images import store
from core.images.codec import decode_text
from core.images.picture import Picture


class PictureField(serializers.Field[Picture, "str | UploadedFile[Any]", str, Any]):
    """A Picture from base64, a `data:` URL or an uploaded file; it has been decoded, so its pixels are sound.

    Raises ValidationError with the code that `core.images.codec` gives, and TooLarge for too many pixels.
    """

    default_error_messages: ClassVar = {
        "invalid": "This must be a picture in base64, a data: URL or an uploaded file."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, **kwargs)

    def to_internal_value(self, data: Any) -> Picture:
        if not isinstance(data, str | UploadedFile):
            self.fail("invalid")
        try:
            picture = Picture(decode_text(data) if isinstance(data, str) else data.read())
            _ = picture.image
        except InvalidInput as error:
            raise serializers.ValidationError(error.message, code=error.error_code) from None
        except TooLarge as error:
            raise TooLarge.for_field(str(self.field_name), error.message, code=error.error_code) from None
        return picture


class PictureFileField(PictureField):
    """A PictureField that is meant for a file in a form, and is described as such."""


class ImageIdField(serializers.UUIDField):
    """A Picture from the id of one of the caller's own stored images. Needs `request` in the context."""

    default_error_messages: ClassVar = {
        "unknown_image": "You have no image with this id; it may have expired."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, **kwargs)

    def to_internal_value(self, data: Any) -> Picture:  # type: ignore[override]
        image_id: UUID = super().to_internal_value(data)
        owner = owner_of(self.context["request"]).id
        try:
            return store.picture(image_id=image_id, owner=owner)
        except NotFound:
            self.fail("unknown_image")


class PictureSerializer(StrictSerializer):
    """Every picture `x` may be given as `x_id` instead; of a required one exactly one is needed."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        self._pictures = {
            name: field.required for name, field in fields.items() if isinstance(field, PictureField)
        }
        for name in self._pictures:
            fields[name].required = False
            fields[f"{name}_id"] = ImageIdField(
                required=False, help_text=f"Instead of `{name}`: the id of an image from POST /images/."
            )
        return fields

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        errors = {}
        for name, required in self._pictures.items():
            by_id = value.pop(f"{name}_id", None)
            if by_id is not None and value.get(name) is not None:
                errors[name] = [f"Give either {name} or {name}_id, not both."]
            elif by_id is not None:
                value[name] = by_id
            elif required and value.get(name) is None:
                errors[name] = [f"Give {name} or {name}_id."]
        if errors:
            raise serializers.ValidationError(errors)
        return value


class PictureFieldSchema(OpenApiSerializerFieldExtension):
    """Describes PictureField as base64; in a form it may be a file as well."""

    target_class = "core.images.fields.PictureField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        is_file = isinstance(self.target, PictureFileField)
        return {"type": "string", "format": "binary" if is_file else "byte"}
