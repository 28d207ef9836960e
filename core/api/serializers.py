"""The base of every request serializer."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.exceptions import ParseError

from core.api.validation import MOST_MESSAGES

_SEVERAL = (serializers.ListField, serializers.MultipleChoiceField, serializers.ListSerializer)
_LONGEST_NAME = 50  # of a field; who looks for what resembles a megabyte takes minutes


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses what would otherwise be ignored without a word.

    That is a field it does not know, a misspelt one perhaps, in a form one that comes twice, and JSON sent as
    a form.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, MultiValueDict):
            _refuse_json(data)
            self._refuse_repeated(data)
        value = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError(
                {name: [self._unknown(name)] for name in unknown[:MOST_MESSAGES]}
            )
        return value

    def _unknown(self, name: str) -> str:
        known = [known for known, field in self.fields.items() if not field.read_only]
        close = get_close_matches(name[:_LONGEST_NAME], known, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Known are: {', '.join(sorted(known))}."
        return f"There is no such field here. {hint}"

    def _refuse_repeated(self, data: MultiValueDict[str, Any]) -> None:
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


def _refuse_json(data: MultiValueDict[str, Any]) -> None:
    if any(name.lstrip().startswith("{") for name in data):
        raise ParseError("The body is JSON but was sent as a form: add -H 'Content-Type: application/json'.")
