"""A generated picture says how it was made, in every kind, and where it was not said."""

import json
from typing import Any

import pytest
from PIL import ExifTags, Image

from core.images.encoding import FORMATS, encode
from core.images.provenance import DigitalSourceType, Provenance, xmp
from core.images.tests.pictures import corners, opened

MADE = Provenance(
    prompt="một con mèo cam",
    negative_prompt="blurry",
    steps=15,
    sampler="Euler a",
    guidance_scale=5.0,
    seed=1,
    width=256,
    height=256,
    model="starter",
)
PARAMETERS = (
    "một con mèo cam\nNegative prompt: blurry\n"
    "Steps: 15, Sampler: Euler a, CFG scale: 5, Seed: 1, Size: 256x256, Model: starter"
)
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def parameters_in(image: Image.Image) -> str:
    """As the readers of other programs find it."""
    if image.format == "PNG":
        return str(image.info["parameters"])
    comment: bytes = image.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
    assert comment.startswith(b"UNICODE\0")
    return comment[8:].decode("utf-16-be")


def source_type_in(image: Image.Image) -> str:
    packet = image.info["xmp"].decode()
    assert packet.startswith("<?xpacket begin=")
    return packet.partition('Iptc4xmpExt:DigitalSourceType="')[2].partition('"')[0]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_every_format_says_it(kind: Any, mode: str) -> None:
    image = opened(encode(corners().convert(mode), kind, provenance=MADE))
    assert parameters_in(image) == PARAMETERS
    assert source_type_in(image) == GENERATED


def test_png_has_it_for_programs_too() -> None:
    image = opened(encode(corners(), "png", provenance=MADE))
    assert json.loads(image.info["studio"]) == {
        "prompt": "một con mèo cam",
        "negative_prompt": "blurry",
        "steps": 15,
        "sampler": "Euler a",
        "guidance_scale": 5.0,
        "seed": 1,
        "width": 256,
        "height": 256,
        "model": "starter",
        "digital_source_type": "trainedAlgorithmicMedia",
    }
    assert image.info["Software"]


def test_xmp_is_well_formed() -> None:
    element_tree = pytest.importorskip("xml.etree.ElementTree")
    root = element_tree.fromstring(xmp(MADE.digital_source_type).decode())
    (description,) = root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    assert description.attrib["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"] == GENERATED


@pytest.mark.parametrize("kind", FORMATS)
def test_an_edited_photo_is_called_that(kind: Any) -> None:
    edited = Provenance(model="remover", digital_source_type=DigitalSourceType.EDITED)
    image = opened(encode(corners(), kind, provenance=edited))
    assert source_type_in(image).endswith("/compositeWithTrainedAlgorithmicMedia")
    assert parameters_in(image) == "Model: remover"


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_depends_on_when(kind: Any) -> None:
    again = Provenance(**{**vars(MADE), "extra": {}})
    assert encode(corners(), kind, provenance=MADE) == encode(corners(), kind, provenance=again)
    assert encode(corners(), kind, provenance=MADE) != encode(corners(), kind)


def test_zero_is_said_and_nothing_is_not() -> None:
    assert Provenance(seed=0, guidance_scale=0.0).parameters() == "CFG scale: 0, Seed: 0"
    assert Provenance().parameters() == ""
    assert Provenance(prompt="a cat").parameters() == "a cat"


def test_more_settings_are_quoted_where_they_must_be() -> None:
    made = Provenance(
        steps=4, extra={"lora_scale": 0.25, "tiling": True, "note": 'one, "two": 3', "loras": [{"a": 1}]}
    )
    line = made.parameters()
    assert line.startswith("Steps: 4, Lora scale: 0.25, Tiling: true, Note: ")
    assert '"one, \\"two\\": 3"' in line
    assert made.to_dict()["loras"] == [{"a": 1}]


@pytest.mark.parametrize("prompt", ["\0", "\ud800", "é" * 10, "🐈" * 40_000, "a\nNegative prompt: b"])
@pytest.mark.parametrize("kind", FORMATS)
def test_no_prompt_breaks_it(kind: Any, prompt: str) -> None:
    image = opened(encode(corners(), kind, provenance=Provenance(prompt=prompt)))
    assert image.size == corners().size
    assert source_type_in(image) == GENERATED
