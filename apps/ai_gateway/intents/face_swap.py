"""The face of one picture in another. Only with the consent of the people shown."""

from typing import Any

from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    return {"source_image": pictures["reference_image"], "target_image": pictures["image"], **parameters}


INTENT = Intent(
    name="face_swap",
    does=("swap faces between two pictures", "hoán đổi khuôn mặt giữa hai ảnh"),
    done=("The face is swapped.", "Đã ghép mặt xong."),
    examples=(
        "swap the faces in these photos, everyone agreed",
        "put my face on this picture",
        "face swap",
        "ghép mặt tôi vào ảnh này, tôi đồng ý",
        "hoán đổi khuôn mặt hai người",
        "doi mat trong anh",
    ),
    signs=(
        Sign("faceswap", weight=2),
        Sign("replace turn", on="face", weight=1.4),
        Sign("add combine use take", on="face", weight=1.2),
        Sign("add replace combine make use", has="face_on", weight=1.4),
        Sign("make wish", has="face_on", weight=1.2),
        Sign("replace turn take add", on="face", has="outcome", weight=1.4),
        Sign("make", on="face", has="onto_it", weight=1.4),
    ),
    operation="face_swap.swap",
    parameters=(
        Parameter(
            "consent",
            bool,
            "The people shown have agreed.",
            lambda frame: True if "consent" in frame.has else None,
            own_word=True,
        ),
    ),
    pictures=("image", "reference_image"),
    required=(("consent",),),
    fields=_fields,
)
