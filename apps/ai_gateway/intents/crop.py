"""A part of the picture."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding.frames import Frame

_HALVES = {
    "left": (0.0, 0.0, 0.5, 1.0),
    "right": (0.5, 0.0, 1.0, 1.0),
    "top": (0.0, 0.0, 1.0, 0.5),
    "bottom": (0.0, 0.5, 1.0, 1.0),
    "center": (0.25, 0.25, 0.75, 0.75),
}
_ASPECT = r"\d{1,5}(\.\d{1,5})?:\d{1,5}(\.\d{1,5})?"
_BOX = r"\d{1,5}(,\d{1,5}){3}"
_TRIMMED = 0.05  # of each side, where only "the edges" are named


def _aspect(frame: Frame) -> str | None:
    """An aspect as it was said; of "crop to 800x600" that of the two sides."""
    width, height = say.dimensions(frame)
    sides = f"{width}:{height}" if "dimensions" in frame.quantities.values else None
    return say.aspect(frame) or sides


def _region(frame: Frame) -> str | None:
    for name in _HALVES:
        if name in frame.has:
            return name
    return "inside" if "edges" in frame.has else None


def _box(frame: Frame) -> str | None:
    said = frame.quantities.values.get("box")
    return ",".join(f"{side:.0f}" for side in said) if isinstance(said, tuple) else None


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    image = pictures["image"]
    if "box" in parameters:
        return {"image": image, "box": [int(side) for side in parameters["box"].split(",")]}
    if "region" in parameters:
        width, height = image.image.size
        left, top, right, bottom = _HALVES.get(
            parameters["region"], (_TRIMMED, _TRIMMED, 1 - _TRIMMED, 1 - _TRIMMED)
        )
        return {
            "image": image,
            "box": [int(left * width), int(top * height), round(right * width), round(bottom * height)],
        }
    if parameters.get("square"):
        return {"image": image, "square": True}
    return {"image": image, "aspect": parameters["aspect"]}


INTENT = Intent(
    name="crop",
    does=("crop a picture", "cắt ảnh"),
    done=("The picture is cropped.", "Đã cắt ảnh."),
    examples=(
        "crop to a square",
        "crop this to 16:9",
        "trim the edges",
        "cắt ảnh vuông",
        "cắt ảnh theo tỉ lệ 4:3",
        "cat anh vuong",
    ),
    signs=(
        Sign("crop", on="picture none edges depiction subject face", weight=1.2),
        Sign("crop", weight=1),
        Sign("crop cut", has="square|aspect|edges|box|half|dimensions", weight=1.2),
        Sign("cut", on="picture none edges", weight=0.8),
        Sign("keep", has="half|left|right|top|bottom|center", weight=1.4),
        Sign(
            "separate cut take",
            on="picture none thing edges orientation",
            has="top|bottom|left|right|half|center",
            weight=1.4,
        ),
        Sign("make turn replace resize", has="square|aspect", on="picture none", weight=0.8),
        Sign("turn make", on="square", weight=1),
        Sign("-", has="square|aspect", lacks="visual open", weight=1.1),
        Sign("remove", on="edges", weight=1.2),
    ),
    operation="image_processing.crop",
    parameters=(
        Parameter("square", bool, "To a square.", lambda frame: True if "square" in frame.has else None),
        Parameter("aspect", str, "Width to height, as 16:9.", _aspect, maximum=12, pattern=_ASPECT),
        Parameter("region", str, "A part by name.", _region, choices=(*_HALVES, "inside")),
        Parameter(
            "box", str, "Left, top, right, bottom in pixels, with commas.", _box, maximum=32, pattern=_BOX
        ),
    ),
    required=(("aspect", "square", "region", "box"),),
    fields=_fields,
)
