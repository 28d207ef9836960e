""" "Make it better"."""

from apps.ai_gateway.declarations import Intent, Parameter, Sign
from apps.ai_gateway.understanding.frames import Frame

_SHARPEN, _DENOISE = 0.6, 0.5


def _sharpen(frame: Frame) -> float | None:
    return _SHARPEN if frame.verb == "sharpen" or frame.has & {"sharper", "sharpness"} else None


def _denoise(frame: Frame) -> float | None:
    return _DENOISE if frame.verb == "denoise" or frame.has & {"noise", "grainy"} else None


INTENT = Intent(
    name="enhance",
    does=("make a picture better", "làm ảnh đẹp hơn"),
    done=("The picture is enhanced.", "Đã làm ảnh đẹp hơn."),
    examples=(
        "enhance this photo",
        "make it look better",
        "sharpen the image",
        "reduce the noise",
        "làm nét ảnh",
        "cải thiện chất lượng ảnh",
        "lam net anh",
    ),
    signs=(
        Sign("sharpen denoise", weight=1.8),
        Sign("sharpen denoise", on="picture none depiction", weight=1.4),
        Sign("clean", on="picture none noise quality", weight=1.2),
        Sign("enhance", on="picture none depiction quality", weight=1.2),
        Sign("enhance", on="face subject noise quality", weight=1),
        Sign("edit", on="noise quality", weight=1),
        Sign(
            "make increase turn edit adjust",
            on="picture none quality",
            has="better|good|sharper|grainy",
            weight=0.8,
        ),
        Sign("make", has="verb:denoise|verb:sharpen", weight=1.4),
        Sign("make", on="quality sharpness noise", weight=0.9),
        Sign("increase", on="quality sharpness", weight=1),
        Sign("remove decrease enhance", on="noise", weight=1.4),
        Sign("-", has="sharper|grainy", lacks="visual indefinite open", weight=1),
        Sign("-", has="better", lacks="visual indefinite open excess", weight=1),
        Sign("enhance", has="sharper|grainy|noise", weight=1),
    ),
    operation="image_processing.enhance",
    parameters=(
        Parameter("sharpen", float, "From 0 to 1.", _sharpen, 0, 1),
        Parameter("denoise", float, "From 0 to 1.", _denoise, 0, 1),
    ),
)
