"""A mask of the main subject."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding import contents
from apps.ai_gateway.understanding.frames import Frame


def _object(frame: Frame) -> str | None:
    return contents.after(frame, "of", "for", "cho", "cua", "around", "quanh") or (
        say.object_name(frame) if frame.verb == "segment" else None
    )


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    return {"image": pictures["image"], "auto_detect": True}


INTENT = Intent(
    name="mask",
    does=("make a mask of the main subject", "tạo mặt nạ cho chủ thể"),
    done=("Here is the mask of the main subject.", "Mặt nạ của chủ thể đây."),
    examples=(
        "create a mask of the dog",
        "select the subject",
        "segment the person in this photo",
        "tạo mặt nạ cho con mèo",
        "khoanh vùng chủ thể",
        "tao mat na",
    ),
    signs=(
        Sign("segment", on="thing subject object picture none face background", weight=1),
        Sign("segment", on="subject object face background mask", weight=1),
        Sign("create generate draw make wish turn segment take", on="mask", weight=1.4),
        Sign("-", on="mask", weight=0.8),
    ),
    operation="smart_mask.create",
    parameters=(Parameter("object", str, "What it is a mask of.", _object, maximum=200),),
    fields=_fields,
    gives="mask",
)
