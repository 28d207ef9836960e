"""Fields that only this app needs."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import FiniteFloatField, StrictBooleanField, StrictCharField
from core.images.colours import as_hex

USUAL_STRENGTH = 0.5


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"type": "number", "minimum": 0, "maximum": 1}]})
class StrengthField(serializers.Field[float, Any, float, Any]):
    """A strength from 0 to 1 from a number, or from a switch: true is the usual one, false none."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or (isinstance(data, str) and data.strip().lower() in {"true", "false"}):
            return USUAL_STRENGTH if StrictBooleanField().run_validation(data) else 0.0
        strength: float = FiniteFloatField(min_value=0, max_value=1).run_validation(data)
        return strength

    def to_representation(self, value: float) -> float:
        return value


class ColourField(StrictCharField):
    """A colour as `#rrggbb`, from one of CSS's names, `#rgb` or `#rrggbb`."""

    default_error_messages: ClassVar = {"colour": "This must be a colour, such as teal, #f80 or #ff8800."}

    def to_internal_value(self, data: Any) -> str:
        colour = as_hex(super().to_internal_value(data))
        if colour is None:
            self.fail("colour")
        return colour
