"""What an upload may say, and how a stored image looks."""

from typing import Any, ClassVar

from rest_framework import serializers

from core.api.fields import ChoiceField, StrictCharField
from core.api.serializers import StrictSerializer
from core.images import preparations
from core.images.encoding import FORMATS
from core.images.fields import PictureField, PictureFileField, PictureSerializer
from core.images.models import StoredImage


class UploadSerializer(StrictSerializer):
    """One picture: a `file` in a form, or an `image` in JSON.

    `validated_data` is `{"picture": Picture, "prepare": str}`.
    """

    file = PictureFileField(required=False, help_text="PNG, JPEG, WebP, TIFF, BMP, GIF or AVIF.")
    image = PictureField(required=False, help_text="The same in base64 or as a `data:` URL.")
    prepare = StrictCharField(
        required=False, help_text="What to begin at once, e.g. smart-mask: the first click then waits less."
    )

    def validate_prepare(self, value: str) -> str:
        if value not in preparations.known():
            names = ", ".join(sorted(preparations.known()))
            raise serializers.ValidationError(f"Nothing here is called {value!r:.100}. Known: {names}.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        prepare = attrs.pop("prepare", "")
        if len(attrs) != 1:
            detail = (
                "Give either file or image, not both." if attrs else "Give a picture, as file or as image."
            )
            raise serializers.ValidationError({"image": [detail]}, code="invalid" if attrs else "required")
        return {"picture": next(iter(attrs.values())), "prepare": prepare}


class PictureAnswerSerializer(PictureSerializer):
    """The base of a request that is answered with a picture."""

    output_format = ChoiceField(choices=FORMATS, required=False, help_text="png by default.")


class SyncAnswerSerializer(serializers.Serializer[Any]):
    """What a call that is answered at once has beside the fields of its `/async/` twin."""

    response_format = ChoiceField(
        choices=("b64", "url"),
        required=False,
        help_text="url: the image fields hold URLs, kept for STUDIO_IMAGE_TTL.",
    )


class ImageSerializer(serializers.ModelSerializer[StoredImage]):
    image_id = serializers.UUIDField(source="id")

    class Meta:
        model = StoredImage
        fields: ClassVar = ["image_id", "width", "height", "format", "bytes", "sha256", "expires_at"]
        read_only_fields: ClassVar = fields


class UploadedSerializer(ImageSerializer):
    """The answer to an upload."""

    preparing = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="With `prepare`: the job that does it; null when it could not be queued.",
    )

    class Meta(ImageSerializer.Meta):
        fields: ClassVar = [*ImageSerializer.Meta.fields, "preparing"]
        read_only_fields: ClassVar = fields
