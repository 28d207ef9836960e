"""The bodies of the calls: the fields of an edit, a picture, and how to answer."""

from typing import Any, ClassVar

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from apps.image_processing import serializers as edits
from core.api.fields import ChoiceField, JSONListField
from core.api.serializers import validated
from core.images.fields import PictureField, PictureSerializer
from core.images.serializers import PictureAnswerSerializer, SyncAnswerSerializer

MOST_STEPS = 20
# Each may have STUDIO_MAX_IMAGE_PIXELS, and all are in memory at a time.
MOST_PICTURES = 4

Fields = type[PictureSerializer]

EDITS: dict[str, Fields] = {
    "resize": edits.ResizeSerializer,
    "crop": edits.CropSerializer,
    "rotate": edits.RotateSerializer,
    "flip": edits.FlipSerializer,
    "adjust": edits.AdjustSerializer,
    "convert": edits.ConvertSerializer,
    "white_balance": edits.WhiteBalanceSerializer,
    "composite": edits.CompositeSerializer,
    "extract_object": edits.ExtractObjectSerializer,
    "enhance": edits.EnhanceSerializer,
    "upscale": edits.UpscaleSerializer,
    "remove_object": edits.RemoveObjectSerializer,
}


def body_of(tool: str, *, main: str, sync: bool) -> Fields:
    """The body of one edit's call: its own fields, its picture as `main`, and how to answer."""
    fields = EDITS[tool]
    picture = type("MainPicture", (PictureAnswerSerializer,), {main: PictureField()})
    bases = (SyncAnswerSerializer, fields, picture) if sync else (fields, picture)
    prefix = "" if sync else "Queued"
    own = {"__module__": __name__, "__doc__": fields.__doc__ or ""}
    return type(f"{prefix}{fields.__name__}", bases, own)


def _step_of(name: str) -> Fields:
    fields = EDITS[name]
    own = {
        "op": ChoiceField(choices=(name,)),
        "__module__": __name__,
        "__doc__": fields.__doc__ or "",
    }
    return type(fields.__name__.replace("Serializer", "StepSerializer"), (fields,), own)


STEPS = {name: _step_of(name) for name in EDITS}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="PipelineStep", serializers=dict(STEPS), resource_type_field_name="op"
    )
)
class StepField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """One step of a pipeline: the fields of the edit that its `op` names, and `op`."""

    default_error_messages: ClassVar = {
        "invalid": 'A step is an object such as {{"op": "flip", "direction": "horizontal"}}.',
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        known = STEPS.get(data["op"]) if isinstance(data.get("op"), str) else None
        if known is None:
            raise serializers.ValidationError({"op": [f"Give one of: {', '.join(STEPS)}."]})
        return validated(known(data=data, context=self.context))


class StepsField(JSONListField):
    """The steps of a pipeline. Counts the pictures in them before it decodes any."""

    default_error_messages: ClassVar = {
        "too_many_pictures": "The steps may bring at most {most} pictures of their own."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=StepField(), min_length=1, max_length=MOST_STEPS, **kwargs)

    def run_child_validation(self, data: Any) -> list[Any]:
        names = {"foreground", "mask"}
        brought = sum(
            name.removesuffix("_id") in names for step in data if isinstance(step, dict) for name in step
        )
        if brought > MOST_PICTURES:
            self.fail("too_many_pictures", most=MOST_PICTURES)
        validated: list[Any] = super().run_child_validation(data)
        return validated


class PipelineSerializer(PictureAnswerSerializer):
    """Several edits, one after the other. All are checked before the first is made."""

    image = PictureField()
    steps = StepsField(help_text="At most 20. In a form, the text of a JSON array.")


class SyncPipelineSerializer(SyncAnswerSerializer, PipelineSerializer):
    __doc__ = PipelineSerializer.__doc__
