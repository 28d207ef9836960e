"""Colours as they would be in white light."""

from apps.ai_gateway.declarations import Intent, Sign

INTENT = Intent(
    name="white_balance",
    does=("fix the white balance", "cân bằng trắng"),
    done=("I balanced the colours.", "Tôi đã cân bằng trắng cho ảnh."),
    examples=(
        "fix the white balance",
        "remove the yellow tint",
        "correct the color cast in this photo",
        "cân bằng trắng cho ảnh này",
        "ảnh bị ám vàng, sửa giúp tôi",
        "khu am xanh",
    ),
    signs=(
        Sign("enhance adjust remove edit replace decrease make sharpen turn", has="white_balance", weight=2),
        Sign(has="white_balance", weight=2),
        Sign("balance", on="picture none colours", weight=1),
        Sign("-", on="colours picture none", has="excess colour", lacks="visual background", weight=0.8),
    ),
    operation="image_processing.white_balance",
)
