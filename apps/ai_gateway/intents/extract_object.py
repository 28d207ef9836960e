"""What the given mask shows, cut out."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    return {"image": pictures["image"], "mask": pictures["mask"]}


INTENT = Intent(
    name="extract_object",
    does=("cut out what a mask shows", "trích xuất vật thể theo mặt nạ"),
    done=("Here is the object.", "Vật thể được trích ra đây."),
    examples=(
        "extract the object with this mask",
        "extract the cup from the photo",
        "cut out the selected area",
        "trích xuất vật thể trong ảnh",
        "tách đối tượng theo mặt nạ",
        "lay rieng cai ghe ra",
    ),
    signs=(
        Sign("separate", on="object face", weight=0.9),
        Sign("separate", on="thing", weight=0.9),
        Sign("cut", on="object", weight=0.5),
        Sign("cut", on="thing", has="visual|picture"),
        Sign("separate", on="none", weight=0.9),
        Sign("use stylize add", on="mask", lacks="verb:remove", weight=0.8),
        Sign("use", has="mask verb:separate|verb:cut|verb:crop", weight=1),
        Sign("take", on="object", weight=0.6),
        Sign("crop", on="object"),
        Sign("separate cut crop", has="mask", weight=1.8),
    ),
    operation="image_processing.extract_object",
    parameters=(Parameter("object", str, "What is to be cut out.", say.object_name, maximum=200),),
    pictures=("image", "mask"),
    fields=_fields,
)
