"""What a request to remove a background may say, and how its answer looks."""

from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers

from apps.background_removal.backgrounds import named
from apps.background_removal.models import Removal
from apps.background_removal.operations import GRABCUT, TRANSPARENT
from apps.background_removal.services import MOST_PICTURES
from core.api.fields import LimitedListField, ModelIdField, StrictBooleanField
from core.exceptions import InvalidInput
from core.history.serializers import HISTORY_FIELDS, HistorySerializer
from core.images.codec import decode_text
from core.images.fields import PictureField
from core.images.picture import Picture
from core.images.serializers import PictureAnswerSerializer, SyncAnswerSerializer
from core.jobs.serializers import JobLinksSerializer, JobSerializer
from core.model_manager.choosing import AUTO


class BackgroundField(PictureField):
    """A Picture, or the name of a background."""

    default_error_messages: ClassVar = {
        "background": "This must be transparent, blur, a colour such as #ff8800, or a picture."
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and (name := named(data)):
            return name
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(data, str) and error.get_codes() == ["bad_base64"]:
                self.fail("background")
            raise


class UncheckedPictureField(PictureField):
    """A Picture whose bytes nobody has looked at yet: one that is broken need not refuse the others."""

    def to_internal_value(self, data: Any) -> Picture:
        if isinstance(data, str):
            try:
                return Picture(decode_text(data))
            except InvalidInput as error:
                raise serializers.ValidationError(error.message, code=error.error_code) from None
        if not isinstance(data, UploadedFile):
            self.fail("invalid")
        return Picture(data.read())


class OptionsSerializer(PictureAnswerSerializer):
    """What may be said about every picture."""

    model = ModelIdField(
        help_text=f"{AUTO} (the best that is installed), {GRABCUT} (needs no model), or an id from /models/."
    )
    alpha_matting = StrictBooleanField(
        required=False, help_text="Soft edges, such as hair. Takes a second or two."
    )
    only_mask = StrictBooleanField(required=False, help_text="The mask instead of the cut-out.")
    background = BackgroundField(
        required=False, help_text="transparent, blur, a colour such as #ff8800, or a picture."
    )
    crop_to_subject = StrictBooleanField(required=False, help_text="Nothing around the subject.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("only_mask") and attrs.get("background", TRANSPARENT) != TRANSPARENT:
            raise serializers.ValidationError(
                {"background": ["A mask has no background: leave out one of the two."]}
            )
        return attrs


class RemoveSerializer(OptionsSerializer):
    """One picture."""

    image = PictureField(help_text="The photo, in base64, as a data: URL or as a file.")


class SyncRemoveSerializer(SyncAnswerSerializer, RemoveSerializer):
    pass


class BatchSerializer(OptionsSerializer):
    """Several pictures, in `images` or by `image_ids` or both; those by id come last."""

    images = LimitedListField(
        child=UncheckedPictureField(),
        max_length=MOST_PICTURES,
        required=False,
        help_text="Up to 32 photos.",
    )
    image_ids = LimitedListField(
        child=serializers.UUIDField(), max_length=MOST_PICTURES, required=False, write_only=True
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        images = [*attrs.pop("images", []), *attrs.pop("image_ids", [])]
        if not 1 <= len(images) <= MOST_PICTURES:
            raise serializers.ValidationError(
                {"images": [f"Give 1 to {MOST_PICTURES} pictures, not {len(images)}."]}
            )
        return {**attrs, "images": images}


class RemoveResultSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    request_id = serializers.CharField()
    image_bytes = serializers.CharField(help_text="Base64, or a URL with response_format=url.")
    mask_bytes = serializers.CharField(help_text="The mask: white is the subject. As large as the result.")
    model_used = serializers.CharField(help_text=f"A catalogue id, or {GRABCUT}.")
    processing_time = serializers.FloatField(help_text="Seconds in the worker.")
    history_id = serializers.UUIDField()
    metadata = serializers.DictField(
        help_text="`subject_box`: [left, top, right, bottom] in the photo. `alpha_matting`: was it done?"
    )


class BatchLinksSerializer(JobLinksSerializer):
    download = serializers.URLField(help_text="The zip, once the job is done.")


class BatchJobSerializer(JobSerializer):
    """The job of a batch."""

    links = BatchLinksSerializer()
    rejected = serializers.ListField(
        child=serializers.DictField(), help_text="Pictures that cannot be used: index, code, detail."
    )


class RemovalSerializer(HistorySerializer):
    background_image_id = serializers.UUIDField(allow_null=True)
    output_mask_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = Removal
        fields: ClassVar = [*HISTORY_FIELDS, "background_image_id", "output_mask_id"]
