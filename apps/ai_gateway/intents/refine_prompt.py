"""A better prompt, and no picture."""

from apps.ai_gateway.declarations import Intent, Parameter, Sign
from apps.ai_gateway.understanding import contents
from apps.ai_gateway.understanding.frames import Frame


def _prompt(frame: Frame) -> str | None:
    """The prompt itself: quoted, behind a colon, or behind "for"."""
    return (
        contents.quoted(frame)
        or contents.after(frame, "for", "cho", "of", "about", "ve", "prompt", "cau lenh")
        or None
    )


INTENT = Intent(
    name="refine_prompt",
    does=("improve a prompt", "cải thiện câu lệnh"),
    done=("Here is a better prompt: {refined_prompt}", "Câu lệnh tốt hơn đây: {refined_prompt}"),
    examples=(
        "improve this prompt: a cat on a sofa",
        "rewrite my prompt: sunset",
        "write a prompt for a dragon",
        "cải thiện prompt: con mèo trên ghế",
        "viết lại câu lệnh: hoàng hôn",
        "viet prompt cho canh bien",
    ),
    signs=(
        Sign(
            "refine enhance make edit replace generate create wish add turn adjust enlarge increase",
            on="prompt",
            weight=1.6,
        ),
        Sign("refine", has="prompt", weight=1.6),
        Sign("refine enhance make", has="prompt quote", weight=1.6),
        Sign("make", has="prompt better|good", weight=1),
        Sign("turn make", has="prompt better|good", weight=2),
        Sign("-", has="prompt", weight=2),
    ),
    operation="prompt_refinement.refine",
    parameters=(Parameter("prompt", str, "The prompt to improve.", _prompt),),
    pictures=(),
    required=(("prompt",),),
    fields=lambda parameters, pictures: dict(parameters),
    makes=lambda parameters: 0,
    gives="",
    tells=("refined_prompt", "negative_prompt"),
)
