"""A mirror image."""

from apps.ai_gateway.declarations import Intent, Parameter, Sign
from apps.ai_gateway.understanding.frames import Frame


def _direction(frame: Frame) -> str | None:
    """A mirror shows left and right swapped; upside down is top and bottom."""
    plain = " ".join(word.plain for word in frame.words)
    if "vertical" in frame.has or "upside_down" in frame.has or "lat doc" in plain or "lat nguoc" in plain:
        return "vertical"
    mirrored = any(
        name in plain
        for name in ("mirror", "invert", "lat ngang", "soi guong", "guong", "reflect", "doi xung")
    )
    return "horizontal" if "horizontal" in frame.has or mirrored else None


INTENT = Intent(
    name="flip",
    does=("flip a picture", "lật ảnh"),
    done=("The picture is flipped.", "Đã lật ảnh."),
    examples=(
        "flip it horizontally",
        "mirror this photo",
        "flip upside down",
        "lật ngang ảnh",
        "lật ảnh theo chiều dọc",
        "lat ngang",
    ),
    signs=(
        Sign("flip", on="picture none depiction subject orientation", weight=1.4),
        Sign("flip", has="horizontal|vertical|upside_down", weight=1.4),
        Sign("flip", on="thing", has="visual definite"),
        Sign("replace", has="left right", weight=1.6),
        Sign(has="mirror", weight=2),
        Sign("make turn", has="horizontal|vertical", on="picture none", weight=0.2),
    ),
    operation="image_processing.flip",
    parameters=(
        Parameter("direction", str, "The direction.", _direction, choices=("horizontal", "vertical")),
    ),
    required=(("direction",),),
)
