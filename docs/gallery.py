"""`python -m docs.gallery`: what each task of `edit/` makes with the starter model, as docs/gallery.md.

Every picture comes from a real studio over HTTP, with fixed seeds: another run makes the same ones.
"""

import base64
import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")

import httpx2
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from docs.bench.server import scratch_studio
from docs.bench.threads import default_threads

PAGE = Path(settings.BASE_DIR) / "docs" / "gallery.md"
PICTURES = Path(settings.BASE_DIR) / "docs" / "images" / "gallery"
SIDE, GAP, LABEL = 256, 8, 20
INTRODUCTION = """# Gallery

What each task of `POST /api/v1/image-generation/edit/` makes on a fresh machine: with the starter, which
comes with the studio, on a CPU. It paints posters, no photographs; real models take the same requests
([Image editing](image-editing.md)). `make gallery` makes this page, over HTTP, with fixed seeds.

Masks are white where the picture is to change; what is black stays, bit for bit.
"""


@dataclass(frozen=True)
class Example:
    """One request and what came of it: pictures by label, the result last. `body` is shown without them."""

    name: str
    says: str
    path: str
    body: Mapping[str, Any]
    pictures: dict[str, Image.Image] = field(default_factory=dict)


class Painter:
    """The API, with pictures going in and out."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def paint(self, prompt: str, seed: int) -> Image.Image:
        """A picture from words."""
        return _decoded(self._post("generate/", {"prompt": prompt, "seed": seed})["image_bytes"])

    def vary(self, says: str, name: str, body: Mapping[str, Any], image: Image.Image | None) -> Example:
        """Variations, beside what they vary."""
        sent = {"image": _encoded(image)} if image else {}
        alone = {"deterministic": True}  # painted side by side, a value in a thousand would be another
        made = self._post("generate-variations/", {**body, **sent, **alone})["variations"]
        pictures = {f"variation {n}": _decoded(each["image_bytes"]) for n, each in enumerate(made, 1)}
        given = {"input": image} if image else {}
        return Example(name, says, "generate-variations/", body, {**given, **pictures})

    def edit(self, says: str, body: Mapping[str, Any], image: Image.Image, **further: Image.Image) -> Example:
        """An edit, beside its input, its mask and what else it was given."""
        sent: dict[str, Any] = {"input_image": _encoded(image)}
        names = {"mask": "conditional_images", "reference": "reference_image", "cut-out": "reference_mask_R"}
        for label, picture in further.items():
            text = _encoded(picture)
            sent[names[label.replace("_", "-")]] = [text] if label == "mask" else text
        made = self._post("edit/", {**body, **sent})
        shown = {label.replace("_", "-"): picture for label, picture in further.items()}
        labels, pictures = (made["debug_info"][f"conditional_{what}"] for what in ("labels", "images"))
        seen = dict(zip(labels, pictures, strict=True))
        if "mask" in seen and "mask" not in shown:  # made by the task itself
            shown["mask"] = self._stored(seen["mask"])
        result = _decoded(made["image"])
        return Example(body["task_type"], says, "edit/", body, {"input": image, **shown, "output": result})

    def _stored(self, image_id: str) -> Image.Image:
        answer = self._client.get(f"/images/{image_id}/content/")
        answer.raise_for_status()
        return Image.open(io.BytesIO(answer.content))

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._client.post(f"/image-generation/{path}", json=dict(body))
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made


def examples(painter: Painter) -> list[Example]:
    """One of each."""
    hills, sea = painter.paint("green hills", 5), painter.paint("a beach by the sea", 4)
    ball = painter.paint("a red ball on a white background", 1)
    middle = _disc((70, 90, 190, 210))
    inpainted = painter.edit(
        "Painted anew inside the mask, to fit what is around it.",
        {"task_type": "inpaint", "prompt": "a red ball on green hills", "seed": 5},
        hills,
        mask=middle,
    )
    with_ball = inpainted.pictures["output"]
    return [
        painter.vary(
            "From words: the same prompt, other seeds.",
            "variations-of-a-prompt",
            {"prompt": "a house by a lake", "num_variations": 4, "seed": 10},
            None,
        ),
        painter.vary(
            "From a picture: layout and colours stay, the more the lower the `strength`.",
            "variations-of-a-picture",
            {"prompt": "green hills", "num_variations": 3, "seed": 1, "strength": 0.7},
            hills,
        ),
        painter.edit(
            "Any model paints the picture over; an editing model follows the words as an instruction.",
            {"task_type": "edit", "prompt": "snowy mountains", "strength": 0.8, "seed": 2},
            hills,
        ),
        inpainted,
        painter.edit(
            "The object of the reference picture, fitted into the mask, toned and blended.",
            {"task_type": "insertion"},
            sea,
            mask=_disc((100, 130, 190, 220)),
            reference=ball,
            cut_out=_red(ball),
        ),
        painter.edit(
            "Gone, and filled from around it, without diffusion.",
            {"task_type": "removal"},
            with_ball,
            mask=_disc((58, 78, 202, 222)),
        ),
        painter.edit(
            "The colour of the light taken out, without a model.",
            {"task_type": "white-balance"},
            _in_coloured_light(ball),
        ),
        painter.edit(
            "A style from `GET styles/`, or in words.",
            {
                "task_type": "style-transfer",
                "prompt": "green hills",
                "style": "night",
                "strength": 0.85,
                "seed": 5,
            },
            hills,
        ),
        painter.edit(
            "The picture goes on beyond its edge.",
            {
                "task_type": "outpaint",
                "prompt": "green hills, blue sky",
                "padding": [64, 0, 64, 0],
                "seed": 3,
            },
            hills.crop((24, 24, 232, 232)),
        ),
    ]


def main() -> None:
    """Writes the pictures and the page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with scratch_studio(default_threads()) as studio, studio.start().client() as client:
        made = examples(Painter(client))
    for example in made:
        _sheet(example.pictures).save(PICTURES / f"{example.name}.jpg", quality=88)
    PAGE.write_text("\n".join([INTRODUCTION, *(_section(example) for example in made)]), encoding="utf-8")


def _section(example: Example) -> str:
    outpaint = example.body.get("task_type") == "outpaint"  # its mask is not given
    given = [
        label
        for label in example.pictures
        if label in ("input", "reference", "cut-out") or (label == "mask" and not outpaint)
    ]
    with_what = f" with {', '.join(given)}" if given else ""
    return (
        f"## {example.name}\n\n{example.says}\n\n"
        f"    POST {example.path}{with_what}\n    {json.dumps(example.body)}\n\n"
        f"![{', '.join(example.pictures)}](images/gallery/{example.name}.jpg)\n"
    )


def _sheet(pictures: Mapping[str, Image.Image]) -> Image.Image:
    """All in a row, at one height, each with its label."""
    scaled = [
        picture.convert("RGB").resize((round(picture.width * SIDE / picture.height), SIDE))
        for picture in pictures.values()
    ]
    width = sum(each.width + GAP for each in scaled) - GAP
    sheet = Image.new("RGB", (width, SIDE + LABEL), "lightgrey")  # a mask's white is to be seen
    draw, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(14), 0
    for label, picture in zip(pictures, scaled, strict=True):
        sheet.paste(picture, (left, 0))
        draw.text((left + picture.width / 2, SIDE + LABEL / 2), label, "black", font, anchor="mm")
        left += picture.width + GAP
    return sheet


def _disc(box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


def _red(picture: Image.Image) -> Image.Image:
    """The mask of what is red in it, its highlight included."""
    red, _, blue = picture.convert("RGB").split()
    return _by_value(ImageChops.subtract(red, blue), lambda value: 255 if value > 40 else 0).filter(
        ImageFilter.MedianFilter(9)
    )


def _in_coloured_light(picture: Image.Image) -> Image.Image:
    factors = (1.0, 0.85, 0.6)
    bands = picture.convert("RGB").split()
    return Image.merge(
        "RGB",
        [
            _by_value(band, lambda value, factor=factor: round(value * factor))
            for band, factor in zip(bands, factors, strict=True)
        ],
    )


def _by_value(band: Image.Image, change: Callable[[int], int]) -> Image.Image:
    return band.point([change(value) for value in range(256)])


def _encoded(picture: Image.Image) -> str:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode("ascii")


def _decoded(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB")


if __name__ == "__main__":
    main()
