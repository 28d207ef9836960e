"""adjust/, white-balance/ and convert/: colours change, alpha and everything else do not."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2lab

from apps.image_processing.tests.calls import b64, edited, noise, pixels, post, refused
from core.images.tests.pictures import opened

pytestmark = pytest.mark.django_db

FACTORS = ("brightness", "contrast", "saturation", "sharpness", "gamma")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_factors_of_one_leave_every_bit(client: Any, mode: str) -> None:
    image = noise(33, 21, mode)
    same = edited(client, "adjust", image=image, **dict.fromkeys(FACTORS, 1.0), grayscale=False)
    assert same.mode == mode
    assert (pixels(same) == pixels(image)).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_brightness_multiplies(client: Any, mode: str) -> None:
    image = noise(20, 20, mode)
    darker, before = pixels(edited(client, "adjust", image=image, brightness=0.5)), pixels(image)
    colour = np.s_[..., :3] if mode != "L" else np.s_[...]
    assert np.abs(darker[colour] - before[colour] // 2).max() <= 1
    if mode == "RGBA":
        assert (darker[..., 3] == before[..., 3]).all()


def test_contrast_spreads_about_the_mean_of_what_is_seen(client: Any) -> None:
    """The hidden half is white; only the visible greys of 100 and 120 count, whose mean is 110."""
    image = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    image.paste((100, 100, 100, 255), (0, 0, 10, 40))
    image.paste((120, 120, 120, 255), (10, 0, 20, 40))
    spread = pixels(edited(client, "adjust", image=image, contrast=2.0))
    assert spread[0, 0].tolist() == [90, 90, 90, 255]
    assert spread[0, 15].tolist() == [130, 130, 130, 255]


def test_saturation_zero_is_grey_and_more_is_more(client: Any) -> None:
    image = Image.new("RGB", (4, 4), (150, 100, 50))
    grey = pixels(edited(client, "adjust", image=image, saturation=0))
    assert np.ptp(grey[0, 0]) == 0
    assert np.ptp(pixels(edited(client, "adjust", image=image, saturation=1.5))[0, 0]) == 150


def test_sharpness_steepens_an_edge_without_what_is_hidden(client: Any) -> None:
    image = Image.new("RGBA", (30, 30), (100, 100, 100, 255))
    image.paste((150, 150, 150, 255), (10, 0, 20, 30))
    image.paste((0, 255, 0, 0), (20, 0, 30, 30))
    sharp = pixels(edited(client, "adjust", image=image, sharpness=2.0))
    assert sharp[15, 9, 0] < 100
    assert sharp[15, 10, 0] > 150
    assert sharp[15, 19].tolist() == [150, 150, 150, 255], "the hidden green is no neighbour"
    assert (sharp[..., 3] == pixels(image)[..., 3]).all()


def test_gamma_is_a_power(client: Any) -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    found = pixels(edited(client, "adjust", image=ramp, gamma=2.2)).reshape(-1)
    expected = 255 * (np.arange(256) / 255) ** (1 / 2.2)
    assert np.abs(found - expected).max() <= 0.5
    assert found[128] > 128, "above 1 brightens"


def test_grayscale_keeps_luma_and_alpha(client: Any) -> None:
    image = noise(16, 16)
    grey = edited(client, "adjust", image=image, grayscale=True)
    assert grey.mode == "L"
    assert np.abs(pixels(grey) - pixels(image) @ [0.299, 0.587, 0.114]).max() <= 1
    see_through = noise(16, 16, "RGBA")
    kept = pixels(edited(client, "adjust", image=see_through, grayscale=True))
    assert (kept[..., 3] == pixels(see_through)[..., 3]).all()
    assert (kept[..., 0] == kept[..., 2]).all()


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("value", [-0.1, 10.1, "much", True, None, "1e999"])
def test_a_factor_out_of_range_is_refused(client: Any, name: str, value: Any) -> None:
    assert name in refused(client, "adjust", image=noise(4, 4), **{name: value})["errors"]


def scene() -> NDArray[np.float64]:
    """Linear light: random colours that average to grey, a grey card in the middle, a white strip below."""
    random = np.random.default_rng(7)
    blocks = random.uniform(0.02, 0.38, (8, 8, 3))
    blocks = np.concatenate([blocks, 0.4 - blocks[:, ::-1]])  # every colour and its opposite
    linear = blocks.repeat(20, axis=0).repeat(20, axis=1)
    linear[140:180, 60:100] = 0.2
    linear[300:320] = 0.6
    return linear


def photographed(linear: NDArray[np.float64], light: tuple[float, float, float]) -> Image.Image:
    seen = np.clip(linear * light, 0, 1)
    srgb = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(srgb * 255).astype(np.uint8))


def chroma(image: Image.Image) -> float:
    """CIE76 between the card and neutral grey of its own lightness."""
    card = np.asarray(image.convert("RGB"))[145:175, 65:95] / 255
    return float(np.hypot(*rgb2lab(card).mean(axis=(0, 1))[1:]))


@pytest.mark.parametrize("method", [None, "grey_world", "shades_of_grey", "white_patch"])
@pytest.mark.parametrize("light", [(1.2, 1.0, 0.6), (0.7, 0.95, 1.3), (1.0, 1.2, 0.9)])
def test_white_balance_makes_a_grey_card_grey(
    client: Any, method: str | None, light: tuple[float, float, float]
) -> None:
    cast = photographed(scene(), light)
    assert chroma(cast) > 8
    balanced = edited(client, "white-balance", image=cast, **({"method": method} if method else {}))
    assert chroma(balanced) < 3
    before, after = (rgb2lab(np.asarray(each)).mean(axis=(0, 1))[0] for each in (cast, balanced))
    assert after == pytest.approx(before, abs=3), "as bright as it was"


def test_white_balance_looks_at_what_is_seen_and_keeps_alpha(client: Any) -> None:
    cast = photographed(scene(), (1.2, 1.0, 0.6))
    alone = pixels(edited(client, "white-balance", image=cast))
    framed = Image.new("RGBA", (cast.width * 2, cast.height), (255, 0, 0, 0))
    framed.paste(cast)
    balanced = pixels(edited(client, "white-balance", image=framed))
    assert np.abs(balanced[:, : cast.width, :3] - alone).max() <= 3
    assert (balanced[..., 3] == pixels(framed)[..., 3]).all()


@pytest.mark.parametrize(
    "image",
    [Image.new("RGB", (9, 9)), Image.new("RGB", (1, 1), "white"), noise(9, 9, "L")],
    ids=["black", "one white pixel", "grey"],
)
def test_white_balance_leaves_alone_what_says_nothing(client: Any, image: Image.Image) -> None:
    assert (pixels(edited(client, "white-balance", image=image)) == pixels(image)).all()


def test_white_balance_refuses_an_unknown_method(client: Any) -> None:
    assert "method" in refused(client, "white-balance", image=noise(4, 4), method="magic")["errors"]


@pytest.mark.parametrize(("kind", "form"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_convert_writes_the_format(client: Any, kind: str, form: str) -> None:
    found = edited(client, "convert", image=Image.new("RGB", (40, 30), (200, 30, 60)), output_format=kind)
    assert found.format == form
    assert np.abs(pixels(found)[0, 0] - (200, 30, 60)).max() <= 3


def test_quality_trades_size_for_looks(client: Any) -> None:
    image = noise(64, 64)
    sizes = {}
    for quality in (10, 60, 95):
        answer = post(client, "convert", image=image, output_format="jpeg", quality=quality).json()
        sizes[quality] = len(answer["image_bytes"])
    assert sizes[10] < sizes[60] < sizes[95]


def test_a_transparent_picture_becomes_a_jpeg_on_white(client: Any) -> None:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    found = edited(client, "convert", image=image, output_format="jpeg")
    assert found.mode == "RGB"
    assert pixels(found).min() >= 253


def test_accept_stands_in_for_the_format(client: Any) -> None:
    response = client.post(
        "/api/v1/image-processing/convert/",
        {"image": b64(noise(9, 9)), "quality": 80},
        content_type="application/json",
        headers={"accept": "image/webp"},
    )
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert opened(response.content).format == "WEBP"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "output_format"),
        ({"output_format": "gif"}, "output_format"),
        ({"output_format": "jpeg", "quality": 0}, "quality"),
        ({"output_format": "jpeg", "quality": 101}, "quality"),
    ],
)
def test_a_conversion_that_makes_no_sense_is_refused(client: Any, fields: dict[str, Any], field: str) -> None:
    assert field in refused(client, "convert", image=noise(4, 4), **fields)["errors"]
