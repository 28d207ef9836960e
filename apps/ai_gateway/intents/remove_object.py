"""A thing taken out of the picture: what the mask shows is filled from what is around it."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    return {"image": pictures["image"], "mask": pictures["mask"]}


INTENT = Intent(
    name="remove_object",
    does=("remove an object from a picture", "xoá một vật thể khỏi ảnh"),
    done=("It is gone: {object}.", "Đã xoá: {object}."),
    examples=(
        "remove the car from this photo",
        "get rid of the people behind me",
        "erase the watermark",
        "xoá người phía sau",
        "bỏ cái cột điện trong ảnh",
        "xoa vat the nay",
    ),
    signs=(
        Sign("remove", on="thing", weight=0.9),
        Sign("use", has="mask verb:remove", weight=1.6),
        Sign("clean", on="thing object", weight=0.6),
        Sign("remove", on="object subject mask face"),
        Sign("remove", on="thing", has="picture", weight=0.4),
        Sign("make", on="thing subject object", has="gone", weight=1.6),
        Sign("make wish", on="thing subject object", has="out_of_picture", weight=1.4),
    ),
    operation="image_processing.remove_object",
    parameters=(Parameter("object", str, "What is to go.", say.object_name, maximum=200),),
    pictures=("image", "mask"),
    fields=_fields,
)
