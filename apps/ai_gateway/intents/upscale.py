"""More pixels."""

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Sign
from apps.ai_gateway.understanding.frames import Frame

_USUAL, _LARGE = 2, 4


def _scale(frame: Frame) -> int:
    """2 or 4, whichever is next to what was said; 4 for "4k" and "8k", 2 where nothing was."""
    said = say.factor(frame) or 0
    if frame.quantities.number("resolution"):
        said = _LARGE
    return _LARGE if said > _USUAL + 0.5 else _USUAL


INTENT = Intent(
    name="upscale",
    does=("upscale a picture", "tăng độ phân giải ảnh"),
    done=("The picture has {scale} times the resolution.", "Đã tăng độ phân giải gấp {scale} lần."),
    examples=(
        "upscale 4x",
        "enlarge this photo 2x",
        "make it high resolution",
        "phóng to gấp đôi",
        "tăng độ phân giải lên 4k",
        "phong to gap doi",
    ),
    signs=(
        Sign("upscale", weight=2),
        Sign("enlarge", on="picture none depiction", weight=1.2),
        Sign("enlarge", has="factor", weight=1.2),
        Sign("wish make", on="variations picture", has="hd|bigger", weight=1.4),
        Sign("make enhance increase turn wish replace sharpen edit resize", has="hd|resolution", weight=1.2),
        Sign("increase enhance edit make replace", on="resolution", weight=1.2),
        Sign("-", has="hd|resolution", lacks="visual indefinite", weight=1.1),
        Sign("make increase", has="factor", on="picture none resolution", lacks="size smaller", weight=0.9),
        Sign("-", has="factor", lacks="visual indefinite smaller open", weight=1.1),
        Sign("make", has="bigger", on="picture none", weight=0.8),
        Sign("-", has="bigger", lacks="visual indefinite open", weight=1.1),
    ),
    operation="image_processing.upscale",
    parameters=(Parameter("scale", int, "2 or 4.", _scale, 2, 4),),
)
