"""Light and colour of the whole picture."""

from collections.abc import Callable

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Sign
from apps.ai_gateway.understanding.frames import Frame

_WHOLE = 100  # percent
_MARKS = "brighter|darker|vivid|muted|contrasty|flatter|grayscale|warmer|cooler"
_THINGS = "brightness|contrast|saturation|gamma|warmth"


def _level(thing: str, more: str, less: str, up: str = "", down: str = "") -> Callable[[Frame], float | None]:
    """Reads the factor of one property; 1 leaves it as it is."""

    def read(frame: Frame) -> float | None:
        verb = frame.verb or None
        lowered = less in frame.has or verb == down or (verb == "decrease" and thing in frame.has)
        raised = more in frame.has or verb == up or thing in frame.has
        if not (lowered or raised):
            return None
        if thing in frame.has and (setting := _setting(frame)) is not None:
            return min(4.0, setting)
        change = say.amount(frame)
        return round(max(0.0, 1 - change) if lowered else min(4.0, 1 + change), 3)

    return read


def _setting(frame: Frame) -> float | None:
    """What a property is set to, where it is not changed BY something: "to 1.5", "to 120%", "120%"."""
    percent = frame.quantities.number("percent")
    if percent is None:
        return frame.quantities.number("setting")
    start, _ = frame.quantities.spans["percent"]
    stated = frame.text[:start].rstrip().lower().endswith((" to", " at", " còn", " thành", " bằng", " con"))
    return percent / 100 if stated or (not frame.verb and percent >= _WHOLE) else None


def _sharpness(frame: Frame) -> float | None:
    stated = frame.has & {"percent", "setting", "factor"} or frame.has & set(_THINGS.split("|"))
    return _level("sharpness", "sharper", "", "", "")(frame) if stated else None


def _grayscale(frame: Frame) -> bool | None:
    return True if "grayscale" in frame.has and frame.target != "thing" else None


INTENT = Intent(
    name="adjust",
    does=("adjust light and colour", "chỉnh ánh sáng và màu sắc"),
    done=("Light and colour are adjusted.", "Đã chỉnh ánh sáng và màu sắc."),
    examples=(
        "make it brighter",
        "increase the contrast by 20%",
        "convert to black and white",
        "tăng độ sáng",
        "làm ảnh rực rỡ hơn",
        "giam do tuong phan",
    ),
    signs=(
        Sign("brighten darken desaturate saturate", weight=1.4),
        Sign(
            "increase decrease adjust make replace add edit enhance turn create remove", has=_THINGS, weight=1
        ),
        Sign("increase decrease adjust edit enhance make replace", on=_THINGS.replace("|", " "), weight=1.2),
        Sign("increase decrease adjust enhance saturate brighten", on="colours", weight=0.8),
        Sign(
            "make turn replace increase decrease adjust edit add wish relight enhance",
            on="picture none colours brightness variations",
            has=_MARKS,
            weight=1,
        ),
        Sign("make turn replace relight edit", has="grayscale", lacks="indefinite", weight=1.2),
        Sign("-", has=_MARKS, lacks="visual indefinite open", weight=1.2),
        Sign("-", on=_THINGS.replace("|", " "), weight=0.6),
        Sign("adjust", on="picture none colours", weight=0.6),
        Sign("make", has="verb:brighten|verb:darken", weight=1.4),
        Sign("make turn", on="colours", has="comparative", weight=1),
        Sign("increase decrease adjust replace", on="sharpness", has="percent|setting", weight=1.2),
    ),
    operation="image_processing.adjust",
    parameters=(
        Parameter(
            "brightness",
            float,
            "1 leaves it.",
            _level("brightness", "brighter", "darker", "brighten", "darken"),
            0,
            4,
        ),
        Parameter("contrast", float, "1 leaves it.", _level("contrast", "contrasty", "flatter"), 0, 4),
        Parameter(
            "saturation",
            float,
            "1 leaves it.",
            _level("saturation", "vivid", "muted", "saturate", "desaturate"),
            0,
            4,
        ),
        Parameter("sharpness", float, "1 leaves it.", _sharpness, 0, 4),
        Parameter("gamma", float, "1 leaves it.", _level("gamma", "", ""), 0.1, 4),
        Parameter("grayscale", bool, "Black and white.", _grayscale),
    ),
    required=(("brightness", "contrast", "saturation", "sharpness", "gamma", "grayscale"),),
)
