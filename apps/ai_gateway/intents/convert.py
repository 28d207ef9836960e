"""Another file format."""

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Sign

INTENT = Intent(
    name="convert",
    does=("convert a picture to another format", "chuyển định dạng ảnh"),
    done=("Here it is as {output_format}.", "Ảnh định dạng {output_format} đây."),
    examples=(
        "convert to jpg",
        "save as webp",
        "export this as png, quality 90",
        "chuyển sang png",
        "đổi định dạng ảnh thành jpeg",
        "luu anh duoi dang webp",
    ),
    signs=(
        Sign("turn replace make resize edit create wish", has="format", weight=1.2),
        Sign("replace turn edit", on="format", weight=1.2),
        Sign("-", has="format", lacks="visual transparent no_background", weight=1.1),
    ),
    operation="image_processing.convert",
    parameters=(
        say.FORMAT,
        Parameter("quality", int, "From 1 to 100.", lambda frame: say.whole(frame, "quality"), 1, 100),
    ),
    required=(("output_format",),),
)
