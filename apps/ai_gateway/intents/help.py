"""What can be asked for, and how."""

from apps.ai_gateway.declarations import Intent

INTENT = Intent(
    name="help",
    does=("tell what I can do", "cho biết tôi làm được gì"),
    done=("", ""),
    examples=(
        "what can you do?",
        "help",
        "how do I remove the background?",
        "bạn làm được gì?",
        "làm sao để xoá nền?",
        "huong dan su dung",
    ),
    pictures=(),
    gives="",
    makes=lambda parameters: 0,
)
