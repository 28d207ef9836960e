"""A thing put into the picture: where the mask shows, if there is one."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameters, Pictures, Sign


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    fields = {**parameters, "input_image": pictures["image"], "task_type": "edit"}
    if "mask" in pictures:
        fields |= {"conditional_images": [pictures["mask"]], "task_type": "inpaint"}
        if "reference_image" in pictures:
            fields |= {"reference_image": pictures["reference_image"], "task_type": "insertion"}
    return fields


INTENT = Intent(
    name="insert_object",
    does=("put something into a picture", "thêm một vật vào ảnh"),
    done=("I added it.", "Tôi đã thêm vào ảnh."),
    examples=(
        "add a hat to the cat",
        "put a boat on the lake",
        "insert a tree on the left",
        "thêm một con chim vào bầu trời",
        "chèn logo vào góc ảnh",
        "them kinh ram cho chu meo",
    ),
    signs=(
        Sign("add", on="thing", weight=1),
        Sign("add", on="thing", has="visual", weight=0.6),
        Sign("add", on="object subject face mask", weight=0.6),
        Sign("add", has="quote", weight=0.6),
        Sign("add", on="depiction picture", has="content", weight=0.8),
        Sign("draw generate create", has="onto_it", weight=2.6),
    ),
    operation="image_generation.edit",
    parameters=(say.INSTRUCTION, say.SEED),
    optional=("mask", "reference_image"),
    required=(("prompt",),),
    fields=_fields,
)
