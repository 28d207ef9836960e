"""A new picture from words."""

from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding.frames import Frame

SHORTEST, LONGEST, USUAL = 128, 2048, 1024


def _size(frame: Frame) -> tuple[int | None, int | None]:
    """As said; of an aspect such as 16:9 about a megapixel. 4k and the like stay in the prompt."""
    width, height = say.dimensions(frame)
    aspect = frame.quantities.values.get("aspect")
    if width is None and height is None and isinstance(aspect, tuple):
        scale = USUAL / (aspect[0] * aspect[1]) ** 0.5
        width, height = (round(side * scale / 8) * 8 for side in aspect)
    return width, height


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    return dict(parameters)


INTENT = Intent(
    name="generate",
    does=("make a picture from words", "vẽ tranh từ lời mô tả"),
    done=("Here is your picture: {prompt}.", "Ảnh của bạn đây: {prompt}."),
    examples=(
        "Generate a cute orange cat",
        "draw a castle on a hill at sunset, 768x512",
        "3 pictures of a red sports car",
        "vẽ hoàng hôn trên núi",
        "tạo ảnh con rồng bay trên biển",
        "ve mot ngoi nha trong rung",
    ),
    signs=(
        Sign("draw generate", has="content", lacks="deictic", weight=1.6),
        Sign(
            "draw generate",
            on="depiction subject face object picture none",
            lacks="deictic definite",
            weight=1,
        ),
        Sign("create", on="depiction subject face", weight=1.5),
        Sign("create", on="picture", lacks="definite deictic", weight=0.6),
        Sign("create", on="thing", has="visual", weight=1.4),
        Sign("create", on="thing", has="indefinite", weight=0.4),
        Sign("create", on="thing", has="rich", weight=0.2),
        Sign("create", on="style", has="visual", weight=0.5),
        Sign("wish", on="depiction", weight=1.5),
        Sign("wish", on="picture", lacks="definite deictic", weight=0.6),
        Sign("wish", on="thing", has="visual", weight=1),
        Sign("create wish", has="visual indefinite", lacks="deictic definite", weight=0.4),
        Sign("make", on="depiction", lacks="causative", weight=1.2),
        Sign("make", on="thing", has="visual", lacks="definite comparative causative", weight=0.8),
        Sign("make", on="thing", has="indefinite rich", lacks="definite comparative causative"),
        Sign("-", on="depiction", has="content", lacks="talk unknown_verb"),
        Sign("-", has="visual", lacks="definite deictic unknown_verb copula talk", weight=1.2),
        Sign("-", has="visual rich", lacks="unknown_verb copula talk", weight=0.6),
        Sign("-", on="thing", has="indefinite rich", lacks="deictic unknown_verb talk"),
        Sign("-", on="thing", has="style rich"),
    ),
    operation="image_generation.generate",
    parameters=(
        say.PROMPT,
        Parameter("width", int, "Width in pixels.", lambda frame: _size(frame)[0], SHORTEST, LONGEST),
        Parameter("height", int, "Height in pixels.", lambda frame: _size(frame)[1], SHORTEST, LONGEST),
        Parameter("num_images", int, "How many pictures.", say.count, 1, 8),
        say.SEED,
        say.FORMAT,
    ),
    pictures=(),
    required=(("prompt",),),
    fields=_fields,
    makes=lambda parameters: parameters.get("num_images", 1),
    refines="prompt",
)
