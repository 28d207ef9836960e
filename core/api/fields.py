"""Serializer fields that take what JSON and a form can mean by a number, a switch or a text, and no more.

DRF's own are kinder than an API should be: `true` is a float, `"1_0"` an integer, `3` a text, and a switch
left out of a form is False whatever its default says.
"""

import re
from typing import Any, ClassVar, NoReturn

import orjson
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.fields import SkipField, empty

MAX_SEED = 2**32 - 1
LONGEST_PROMPT = 2000  # characters

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
# All C0 controls but tab and line ends, and what XML (where prompts end up as metadata) cannot hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class FiniteFloatField(serializers.FloatField):
    """A finite float from a JSON number, or from its decimal text as forms send it. No booleans."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, str):
            data = data.strip()
            if len(data) <= self.MAX_STRING_LENGTH and not _NUMBER.fullmatch(data):
                self.fail("invalid")
        elif isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """An int from a JSON number without a fraction or from its decimal text. No booleans."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and _INTEGER.fullmatch(data.strip()):
            return int(data)
        if isinstance(data, bool) or not isinstance(data, int | float) or int(data) != data:
            self.fail("invalid")
        return int(data)


class StrictBooleanField(serializers.BooleanField):
    """A bool from JSON true/false or, in a form, from the words true, false, 1, 0, on, off."""

    default_empty_html = empty  # left out of a form means the default, as in JSON
    _WORDS = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(data, bool):
            return data
        if not isinstance(data, str) or data.strip().lower() not in self._WORDS:
            self.fail("invalid", input=data)
        return self._WORDS[data.strip().lower()]


class StrictCharField(serializers.CharField):
    """A str from a JSON string or a form's text; no numbers, no control characters but tab and line ends."""

    default_error_messages = {"control": "Control characters are not allowed."}

    def run_validation(self, data: Any = empty) -> Any:
        if data is not empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if _CONTROL.search(value):
            self.fail("control")
        return value


class PromptField(StrictCharField):
    """What a picture is to show or not: at most LONGEST_PROMPT characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_PROMPT, **options)


class ChoiceField(serializers.ChoiceField):
    """A ChoiceField whose error names the choices."""

    default_error_messages = {"invalid_choice": '"{input}" is not one of: {choices}.'}

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        super().fail(key, choices=", ".join(map(str, self.choices)), **kwargs)


class ModelIdField(StrictCharField):
    """What a request calls a model. Which there are, the catalogue says, and names them."""

    def __init__(self, *, help_text: str = "See /models/.") -> None:
        super().__init__(max_length=100, required=False, help_text=help_text)


class SeedField(StrictIntegerField):
    """A seed from 0 to MAX_SEED. -1, which stands for a random one, is as good as left out."""

    def __init__(self, *, help_text: str) -> None:
        super().__init__(min_value=-1, max_value=MAX_SEED, required=False, help_text=help_text)

    def to_internal_value(self, data: Any) -> int:
        seed = super().to_internal_value(data)
        if seed == -1:
            raise SkipField
        return seed


class QualityField(StrictIntegerField):
    """How good a JPEG or WebP is, 1 to 100."""

    def __init__(self) -> None:
        text = "Of JPEG (92 by default) and WebP (90); PNG has no losses."
        super().__init__(min_value=1, max_value=100, required=False, help_text=text)


class LimitedListField(serializers.ListField):
    """A ListField that counts first: DRF would look at, and decode, every child before it says "too many"."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        children: list[Any] = super().to_internal_value(data)
        return children


class JSONTextField(serializers.Field[Any, Any, Any, Any]):
    """A field that a form brings as the text of JSON. To be named before the class it is mixed into.

    DRF looks in forms for `name[0]key`, which no client sends, and takes the text for nothing at all.
    """

    default_error_messages: ClassVar = {"not_json": "This must be JSON; in a form, its text."}

    def get_value(self, dictionary: Any) -> Any:
        return serializers.Field.get_value(self, dictionary)

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str):
            try:
                data = orjson.loads(data)
            except orjson.JSONDecodeError:
                self.fail("not_json")
        return super().run_validation(data)


class JSONListField(JSONTextField, LimitedListField):
    """A list from a JSON array; in a form, from the text of one or from a field that comes once an item."""

    default_error_messages: ClassVar = {"not_json": "This must be a JSON array; in a form, the text of one."}

    def get_value(self, dictionary: Any) -> Any:
        if isinstance(dictionary, MultiValueDict):
            repeated = dictionary.getlist(self.field_name or "")
            if len(repeated) > 1:
                return repeated
        return super().get_value(dictionary)
