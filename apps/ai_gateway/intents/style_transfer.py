"""The same picture in another style."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding import contents
from apps.ai_gateway.understanding.frames import Frame


def _style(frame: Frame) -> str | None:
    known = say.valued(frame, "style")
    return (
        known
        or contents.after(frame, "style of", "like", "phong cach", "kieu", "into", "thanh", "style")
        or None
    )


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    return {"prompt": parameters["style"], "input_image": pictures["image"], "task_type": "style-transfer"}


INTENT = Intent(
    name="style_transfer",
    does=("give a picture another style", "chuyển ảnh sang phong cách khác"),
    done=("Here it is in its new style: {style}.", "Ảnh theo phong cách mới đây: {style}."),
    examples=(
        "turn this photo into a watercolor painting",
        "make it look like anime",
        "apply the style of Van Gogh",
        "biến ảnh này thành tranh sơn dầu",
        "chuyển sang phong cách hoạt hình",
        "ve lai anh nay theo kieu ghibli",
    ),
    signs=(
        Sign("stylize", weight=1.2),
        Sign("stylize", has="style", weight=1),
        Sign(
            "turn make replace edit wish",
            on="picture none style subject face variations",
            has="style",
            weight=0.9,
        ),
        Sign("turn make replace edit", on="thing", has="style definite", weight=1),
        Sign("turn", on="thing depiction", has="style", weight=1),
        Sign("turn make", on="deictic", has="style"),
        Sign("draw generate create", on="picture none", has="style", lacks="content indefinite", weight=1),
        Sign("draw", on="picture", has="style deictic", weight=1.6),
        Sign("add", on="style", weight=1),
        Sign("make", on="thing", has="style causative", weight=0.6),
        Sign("add", has="style", on="none picture", weight=0.8),
        Sign("replace edit turn make", on="style", weight=1),
        Sign("-", has="style", lacks="visual open", weight=1.2),
        Sign("-", on="style", has="content", lacks="visual indefinite", weight=0.4),
    ),
    operation="image_generation.edit",
    parameters=(Parameter("style", str, "The style's name.", _style, maximum=200),),
    required=(("style",),),
    fields=_fields,
)
