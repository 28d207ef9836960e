"""Changes to what is in the picture, told in words."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameters, Pictures, Sign


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    mask = {"conditional_images": [pictures["mask"]]} if "mask" in pictures else {}
    return {
        **parameters,
        "input_image": pictures["image"],
        "task_type": "inpaint" if mask else "edit",
        **mask,
    }


INTENT = Intent(
    name="edit",
    does=("change what is in a picture", "thay đổi nội dung trong ảnh"),
    done=("I made the change.", "Tôi đã chỉnh sửa ảnh."),
    examples=(
        "change the car to red",
        "can you make the sky bluer",
        "turn the dog into a cat",
        "đổi màu áo thành đỏ",
        "làm cho cô gái mỉm cười",
        "thay cai xe bang con ngua",
    ),
    signs=(
        Sign("edit", on="picture none thing subject face object colours", weight=0.5),
        Sign("edit", has="content", weight=0.6),
        Sign("blur", weight=1.2),
        Sign("relight", has="colour", weight=1.2),
        Sign("blur", on="face subject thing", weight=1.4),
        Sign("relight", on="thing subject object face", weight=1.4),
        Sign("replace", on="thing subject object", has="outcome", weight=0.8),
        Sign(
            "replace", on="thing subject object", has="visual|colour|comparative|picture|definite", weight=0.3
        ),
        Sign("replace", on="colours style", has="content"),
        Sign("replace", on="picture", has="content", weight=0.2),
        Sign("turn", on="thing subject face object", has="outcome|colour", weight=0.6),
        Sign("wish", on="thing subject face", has="definite colour|comparative", weight=0.8),
        Sign("turn", on="picture none", has="content", lacks="style format", weight=0.2),
        Sign("make", on="thing subject object face", has="comparative", lacks="indefinite", weight=0.8),
        Sign("make", on="thing subject object face", has="definite", weight=0.9),
        Sign("make", on="picture none", has="content", lacks="indefinite", weight=0.4),
        Sign("make", on="thing subject object face", has="causative content", weight=1),
        Sign("make", on="thing subject object", has="vi", lacks="indefinite number", weight=1.4),
        Sign("brighten darken saturate desaturate increase decrease", on="thing face object", weight=0.9),
        Sign("combine", on="thing picture", has="content"),
    ),
    operation="image_generation.edit",
    parameters=(say.INSTRUCTION, say.SEED),
    optional=("mask",),
    required=(("prompt",),),
    fields=_fields,
)
