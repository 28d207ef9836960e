"""A painting in the words of a remote model: what its own schema says that it takes, and nothing else.

Every model there has inputs of its own. Their names are common ones; which of them a model has, and within
which limits, is read from its OpenAPI schema. Pure: knows no network.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from apps.image_generation.painting import Painting
from core.exceptions import InvalidInput, NoEngine

Schema = Mapping[str, Any]

# What models call the same thing, by the field of a painting.
NAMES: Mapping[str, tuple[str, ...]] = {
    "seed": ("seed",),
    "negative_prompt": ("negative_prompt",),
    "steps": ("num_inference_steps", "steps", "num_steps"),
    "guidance_scale": ("guidance_scale", "guidance", "cfg_scale", "cfg"),
}
MEGAPIXEL = 1_000_000


def inputs(openapi: Schema, painting: Painting) -> tuple[dict[str, Any], frozenset[str]]:
    """The model's inputs for one picture, and the fields of the painting that it has no use for.

    Raises NoEngine for what is not sent to strangers (pictures), and InvalidInput for a scheduler.
    """
    if painting.picture is not None:
        raise NoEngine("This model runs elsewhere and paints from words alone; no picture is sent there.")
    if painting.scheduler is not None:
        raise InvalidInput.for_field("scheduler", "This model runs elsewhere and has a scheduler of its own.")
    if painting.loras:
        raise InvalidInput.for_field("loras", "This model runs elsewhere and takes no LoRAs.")
    takes = _properties(openapi)
    given: dict[str, Any] = {"prompt": painting.prompt}
    ignored = set()
    for field, names in NAMES.items():
        name = next((name for name in names if name in takes), None)
        value = getattr(painting, field)
        if name is None:
            ignored.add(field)
        elif value != "":
            given[name] = _within(takes[name], value)
    given |= _size(takes, painting.width, painting.height)
    given |= _output(takes)
    return given, frozenset(ignored)


def _properties(openapi: Schema) -> dict[str, Schema]:
    """The schema of each input, with what it refers to."""
    parts: Schema = openapi.get("components", {}).get("schemas", {})
    properties: Schema = parts.get("Input", {}).get("properties", {})
    return {name: _resolved(each, parts) for name, each in properties.items() if isinstance(each, Mapping)}


def _resolved(schema: Schema, parts: Schema) -> Schema:
    whole = dict(schema)
    for part in (schema, *(schema.get("allOf") or ())):
        name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
        whole |= parts.get(name, {})
    return whole


def _within(schema: Schema, value: Any) -> Any:
    """The value, brought into the limits of the schema."""
    if isinstance(value, str):
        return value
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    value = min(max(value, low), high)
    return int(value) if schema.get("type") == "integer" else value


def _size(takes: Mapping[str, Schema], width: int, height: int) -> dict[str, Any]:
    """Sides in pixels where the model takes them, else the nearest shape and area that it knows."""
    given: dict[str, Any] = {}
    if "width" in takes and "height" in takes:
        given = {"width": _side(takes["width"], width), "height": _side(takes["height"], height)}
        if "custom" in takes.get("aspect_ratio", {}).get("enum", ()):
            given["aspect_ratio"] = "custom"
        return given
    if ratios := dict(_ratios(takes.get("aspect_ratio", {}))):
        wanted = math.log(width / height)
        given["aspect_ratio"] = min(ratios, key=lambda name: abs(math.log(ratios[name]) - wanted))
    if areas := dict(_numbers(takes.get("megapixels", {}))):
        area = width * height / MEGAPIXEL
        given["megapixels"] = min(areas, key=lambda name: abs(math.log(areas[name] / area)))
    return given


def _side(schema: Schema, wanted: int) -> int:
    step = schema.get("multipleOf") or 16  # what diffusion models divide by, where they do not say
    return int(_within({**schema, "type": "integer"}, max(step, round(wanted / step) * step)))


def _ratios(schema: Schema) -> Iterator[tuple[str, float]]:
    for name in schema.get("enum", ()):
        width, _, height = str(name).partition(":")
        if width.isdigit() and height.isdigit() and int(width) and int(height):
            yield name, int(width) / int(height)


def _numbers(schema: Schema) -> Iterator[tuple[str, float]]:
    for name in schema.get("enum", ()):
        try:
            number = float(name)
        except (TypeError, ValueError):
            continue
        if 0 < number < math.inf:
            yield name, number


def _output(takes: Mapping[str, Schema]) -> dict[str, Any]:
    """One picture, without losses where the model can."""
    given: dict[str, Any] = {}
    if "num_outputs" in takes:
        given["num_outputs"] = 1
    if "png" in takes.get("output_format", {}).get("enum", ()):
        given["output_format"] = "png"
    return given
