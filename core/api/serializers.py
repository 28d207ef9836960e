"""The base of every request serializer."""

from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

_SEVERAL = (serializers.ListField, serializers.MultipleChoiceField, serializers.ListSerializer)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses what would otherwise be ignored without a word.

    That is a field it does not know, a misspelt one perhaps, and in a form one that comes twice.
    """

    def to_internal_value(self, data: Any) -> Any:
        self._refuse_repeated(data)
        value = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: ["There is no such field here."] for name in unknown})
        return value

    def _refuse_repeated(self, data: Any) -> None:
        if not isinstance(data, MultiValueDict):
            return
        single = (name for name, field in self.fields.items() if not isinstance(field, _SEVERAL))
        repeated = [name for name in single if len(data.getlist(name)) > 1]
        if repeated:
            raise serializers.ValidationError({name: ["Give this once."] for name in repeated})


def validated(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """What `serializer` makes of its data, which it then lets go of. Raises ValidationError.

    A serializer and its fields refer to each other. What it held would stay until a full garbage collection,
    which a server of few objects puts off for gigabytes of decoded pictures.
    """
    serializer.is_valid(raise_exception=True)
    given = dict(serializer.validated_data)
    for held in ("_validated_data", "initial_data"):
        delattr(serializer, held)
    return given
