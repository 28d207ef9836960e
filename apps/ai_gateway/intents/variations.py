"""More pictures like the last one, or several takes on a prompt."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding import contents
from apps.ai_gateway.understanding.frames import Frame

USUAL = 4


def _prompt(frame: Frame) -> str | None:
    """What the variations are to show, where the clause says so: "3 variations of a red fox"."""
    is_new = "visual" in frame.has and not frame.has & {"definite", "deictic"}
    return contents.after(frame, "of", "ve", "cua") or None if is_new else None


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    """Of the prompt, where one was said; otherwise of the picture at hand."""
    return {"num_variations": USUAL, **parameters, **({} if "prompt" in parameters else pictures)}


INTENT = Intent(
    name="variations",
    does=("make variations of a picture", "tạo các biến thể của ảnh"),
    done=("Here are the variations.", "Các biến thể của ảnh đây."),
    examples=(
        "make 4 variations of this picture",
        "show me more like this",
        "another version please",
        "tạo 3 biến thể của ảnh này",
        "cho tôi vài phiên bản khác",
        "tao them vai anh tuong tu",
    ),
    signs=(
        Sign(
            "draw generate create make wish turn add increase",
            on="variations",
            lacks="format style hd smaller bigger grayscale brighter darker",
            weight=1.4,
        ),
        Sign(
            "draw generate create make wish turn add",
            has="variations",
            lacks="visual format style hd smaller bigger grayscale",
            weight=1,
        ),
        Sign(
            "-", on="variations", lacks="format style hd smaller bigger grayscale brighter darker", weight=1
        ),
        Sign(has="similar", lacks="visual", weight=2),
        Sign(has="variations", lacks="visual content format style hd smaller bigger grayscale", weight=1.2),
        Sign("draw generate create make wish add", has="similar", weight=1.4),
    ),
    operation="image_generation.vary",
    parameters=(
        Parameter("prompt", str, "What they show, where it is not the picture at hand.", _prompt),
        Parameter("num_variations", int, "How many.", say.count, 1, 8),
        say.SEED,
    ),
    pictures=(),
    optional=("image",),
    required=(("image", "prompt"),),
    fields=_fields,
    makes=lambda parameters: parameters.get("num_variations", USUAL),
)
