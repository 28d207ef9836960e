"""Lists of numbers, as JSON has them and as a form can: there, as JSON in the field's text."""

import math
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field

from apps.smart_mask.coordinates import Number
from core.api.fields import JSONTextField

# No picture is so large; what is larger is refused before anybody calculates with it.
_LARGEST = 1e6
_NUMBER = {"type": "number"}


class ListOfNumbersField(JSONTextField):
    """The base. A number keeps whether it was written with a decimal point."""

    default_error_messages: ClassVar = {"not_json": "This must be a JSON array; in a form, the text of one."}

    def numbers(self, data: Any, count: int) -> tuple[Number, ...]:
        """`data` as `count` finite numbers of no monstrous size."""
        if not isinstance(data, list | tuple) or len(data) != count or not all(map(_is_number, data)):
            self.fail("invalid")
        return tuple(data)


@extend_schema_field({"type": "array", "items": _NUMBER, "minItems": 4, "maxItems": 4})
class BoxField(ListOfNumbersField):
    """[x0, y0, x1, y1]."""

    default_error_messages: ClassVar = {"invalid": "This must be four numbers: [x0, y0, x1, y1]."}

    def to_internal_value(self, data: Any) -> tuple[Number, ...]:
        return self.numbers(data, 4)


@extend_schema_field(
    {"type": "array", "items": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}}
)
class PointsField(ListOfNumbersField):
    """[[x, y], ...], at least one."""

    most: ClassVar = 100
    default_error_messages: ClassVar = {
        "invalid": "This must be a list of points: [[x, y], ...].",
        "too_many": "At most {most} points.",
    }

    def to_internal_value(self, data: Any) -> tuple[tuple[Number, ...], ...]:
        if not isinstance(data, list) or not data:
            self.fail("invalid")
        if len(data) > self.most:
            self.fail("too_many", most=self.most)
        return tuple(self.numbers(point, 2) for point in data)


@extend_schema_field({"type": "array", "items": {"type": "integer", "enum": [0, 1]}})
class LabelsField(ListOfNumbersField):
    """[1, 0, ...]: inside, outside."""

    default_error_messages: ClassVar = {"invalid": "This must be a list of 1 (inside) and 0 (outside)."}

    def to_internal_value(self, data: Any) -> tuple[int, ...]:
        if not isinstance(data, list) or not all(_is_number(label) and label in (0, 1) for label in data):
            self.fail("invalid")
        return tuple(int(label) for label in data)


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) <= _LARGEST
    )
