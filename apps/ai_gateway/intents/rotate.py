"""A turn about the centre."""

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Sign

INTENT = Intent(
    name="rotate",
    does=("rotate a picture", "xoay ảnh"),
    done=("The picture is turned by {angle} degrees.", "Đã xoay ảnh {angle} độ."),
    examples=(
        "rotate 90 degrees",
        "turn it to the left",
        "rotate the photo 45 degrees counterclockwise",
        "xoay 90 độ",
        "xoay ảnh sang trái",
        "xoay 90 do",
    ),
    signs=(
        Sign("rotate", on="picture none depiction orientation", weight=1.4),
        Sign("rotate", has="angle|left|right|upside_down", weight=1.2),
        Sign("rotate", on="thing subject", has="visual definite"),
        Sign("turn flip make replace", has="angle", weight=1.2),
        Sign("turn", on="picture none", has="around", weight=0.8),
        Sign("turn", has="upside_down|left|right", on="picture none", weight=1),
        Sign("-", has="angle deictic|picture", lacks="visual", weight=0.6),
        Sign("-", has="angle", lacks="visual open", weight=1.2),
    ),
    operation="image_processing.rotate",
    parameters=(Parameter("angle", float, "Degrees, clockwise.", say.angle, -360, 360),),
    required=(("angle",),),
)
