"""Another size, in pixels or told by the size it has."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding.frames import Frame

# "Wider", "taller" and "smaller", without a number: a quarter more, or half as large.
_BY = {"by", "di", "bot"}
_WIDER, _NARROWER, _SMALLER, _BIGGER = 1.25, 0.8, 0.5, 2.0


def _side(frame: Frame, index: int) -> int | None:
    """As said; a lone number behind "resize to" is both sides."""
    sides = say.dimensions(frame)
    if sides == (None, None) and frame.verb in ("resize", "shrink", "enlarge"):
        lone = [int(word.plain) for word in frame.words if word.kind == "number" and word.plain.isdigit()]
        sides = (
            (lone[0], lone[0])
            if len(lone) == 1 and lone[0] >= say.SMALLEST and "percent" not in frame.has
            else sides
        )
    return sides[index]


def _scale(frame: Frame) -> float | None:
    """How many times as large it is to be, where no pixels are named."""
    if _side(frame, 0) or _side(frame, 1) or frame.has & {"wider", "narrower", "taller", "shorter"}:
        return None
    said = say.factor(frame)
    smaller = frame.verb == "shrink" or "smaller" in frame.has
    if said is not None:
        by = frame.quantities.number("percent") is not None and bool(
            {word.plain for word in frame.words} & _BY or "bigger" in frame.has
        )
        if by:
            return max(0.01, 1 - said) if smaller or frame.verb == "decrease" else 1 + said
        return 1 / said if smaller and said > 1 else said
    if smaller or "half" in frame.has:
        return _SMALLER
    return _BIGGER if "bigger" in frame.has or frame.verb == "enlarge" else None


def _stretch(frame: Frame, more: str, less: str, number: str) -> float | None:
    if frame.quantities.number(number) is not None or _side(frame, 0) or not frame.has & {more, less}:
        return None
    said = say.factor(frame)
    if said is not None:
        return 1 + said if frame.quantities.number("percent") is not None else said
    return _WIDER if more in frame.has else _NARROWER


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    """A relative size becomes pixels of the picture at hand; "wider" keeps its aspect, as "1024 wide"
    does.
    """
    width, height = pictures["image"].image.size
    if "scale" in parameters:
        size = {"width": round(width * parameters["scale"]), "height": round(height * parameters["scale"])}
    elif "scale_width" in parameters:
        size = {"width": round(width * parameters["scale_width"])}
    elif "scale_height" in parameters:
        size = {"height": round(height * parameters["scale_height"])}
    else:
        size = {name: parameters[name] for name in ("width", "height") if name in parameters}
    return {"image": pictures["image"], **{name: max(1, side) for name, side in size.items()}}


INTENT = Intent(
    name="resize",
    does=("resize a picture", "đổi kích thước ảnh"),
    done=("The picture has its new size.", "Đã đổi kích thước ảnh."),
    examples=(
        "resize to 800x600",
        "make it 1024 wide",
        "make it wider",
        "shrink it to half the size",
        "đổi kích thước thành 512x512",
        "thu nhỏ ảnh còn một nửa",
        "resize anh ve 1080",
    ),
    signs=(
        Sign("resize shrink stretch", lacks="open", weight=1.4),
        Sign("make increase enlarge", has="percent bigger|size", lacks="open", weight=2),
        Sign("enlarge", has="percent", weight=2.4),
        Sign(
            "resize shrink stretch", on="thing subject", has="visual|dimensions|percent|wide|high", weight=0.8
        ),
        Sign("resize shrink stretch", on="picture none size width height depiction", weight=1.2),
        Sign(
            "make replace turn edit enlarge increase decrease crop adjust wish take",
            on="picture none size width height",
            has="dimensions|wide|high|pixels",
            weight=1,
        ),
        Sign(
            "-", has="dimensions|wide|high|pixels deictic|picture|size", lacks="visual indefinite", weight=0.8
        ),
        Sign("wish make", on="variations picture", has="smaller|dimensions|pixels", weight=1.2),
        Sign("decrease increase", on="picture none", has="size|factor", lacks="resolution hd", weight=0.8),
        Sign("enlarge upscale", has="dimensions|wide|high|pixels", weight=1.4),
        Sign("-", has="dimensions|wide|high|pixels", lacks="visual open", weight=1.2),
        Sign("replace adjust increase decrease edit make turn add cut", on="size width height", weight=1.2),
        Sign("make turn replace", has="smaller|wider|narrower|taller|shorter", on="picture none", weight=0.8),
        Sign("make increase", has="factor wider|taller|narrower|shorter", weight=1.6),
        Sign("decrease", on="none", has="percent", lacks="brightness contrast saturation gamma", weight=0.8),
        Sign("-", has="smaller|wider|narrower|taller|shorter", lacks="visual indefinite open", weight=1.1),
        Sign("increase decrease", has="size|width|height", weight=1),
    ),
    operation="image_processing.resize",
    parameters=(
        Parameter("width", int, "Width in pixels.", lambda frame: _side(frame, 0), say.SMALLEST, say.LARGEST),
        Parameter(
            "height", int, "Height in pixels.", lambda frame: _side(frame, 1), say.SMALLEST, say.LARGEST
        ),
        Parameter("scale", float, "How many times as large.", _scale, 0.01, 8),
        Parameter(
            "scale_width",
            float,
            "How many times as wide.",
            lambda frame: _stretch(frame, "wider", "narrower", "wide"),
            0.01,
            8,
        ),
        Parameter(
            "scale_height",
            float,
            "How many times as high.",
            lambda frame: _stretch(frame, "taller", "shorter", "high"),
            0.01,
            8,
        ),
    ),
    required=(("width", "height", "scale", "scale_width", "scale_height"),),
    fields=_fields,
)
