"""The subject on another background: a colour, or a picture that was sent along."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import First, Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding import contents
from apps.ai_gateway.understanding.frames import Frame


def _colour(frame: Frame) -> str | None:
    if frame.verb == "blur":
        return "blur"
    said = frame.quantities.values.get("colour")
    return said if isinstance(said, str) else say.valued(frame, "colour")


def _scene(frame: Frame) -> str | None:
    """What the new background shows, where it is no colour: "a beach"."""
    if _colour(frame) and "visual" not in frame.has:
        return None
    return (
        contents.after(frame, "to", "with", "into", "by", "thanh", "bang", "sang", "on", "onto", "in", "for")
        or None
    )


def _first(parameters: Parameters) -> First | None:
    """A scene is painted before it can stand behind anybody."""
    if "scene" not in parameters:
        return None
    return First("generate", {"prompt": parameters["scene"]}, gives="reference_image")


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    background = parameters.get("background") or pictures.get("reference_image")
    return {"image": pictures["image"], "background": background}


INTENT = Intent(
    name="replace_background",
    does=("replace the background", "thay nền ảnh"),
    done=("The background is replaced.", "Đã thay nền xong."),
    examples=(
        "change the background to white",
        "put it on a blue background",
        "replace the background with a beach",
        "đổi nền thành màu trắng",
        "nền trắng",
        "thay phong nen bang bai bien",
    ),
    signs=(
        Sign("replace turn edit relight blur use", on="background", weight=1.4),
        Sign("make create draw add wish", on="background", has="colour|visual|content", weight=0.6),
        Sign("add create wish make", on="background", weight=0.7),
        Sign("add", on="picture subject thing", has="background", weight=0.9),
        Sign("make wish use add create replace", has="as_background", weight=2.4),
        Sign("-", on="background", has="colour|visual", weight=0.8),
        Sign("-", has="background colour", lacks="visual open", weight=0.8),
        Sign("add", on="picture subject", has="visual deictic", lacks="quote", weight=0.5),
        Sign("make turn replace", on="picture none", has="background colour", weight=0.6),
    ),
    operation="background_removal.remove",
    parameters=(
        Parameter("background", str, "The new background: a colour as #rrggbb, or blur.", _colour, maximum=7),
        Parameter("scene", str, "What the new background shows, if it is no colour.", _scene, maximum=500),
    ),
    optional=("reference_image",),
    required=(("background", "scene", "reference_image"),),
    fields=_fields,
    first=_first,
)
