"""composite/ and extract-object/: alpha, against the formulas written out in numpy."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from apps.image_processing.tests.calls import b64, edited, noise, pixels, post, refused, shown
from core.images.tests.pictures import opened

pytestmark = pytest.mark.django_db


def over(below: Image.Image, above: NDArray[np.float64]) -> NDArray[np.float64]:
    """Porter and Duff's `over` for straight alpha, 0 to 1: colours only where something is seen."""
    back = pixels(below.convert("RGBA")) / 255
    alpha = above[..., 3:] + back[..., 3:] * (1 - above[..., 3:])
    colour = above[..., :3] * above[..., 3:] + back[..., :3] * back[..., 3:] * (1 - above[..., 3:])
    return np.concatenate([colour / np.maximum(alpha, 1e-9), alpha], axis=2) * 255


def premultiplied(values: NDArray[Any]) -> NDArray[np.float64]:
    alpha = values[..., 3:] / 255
    return np.concatenate([values[..., :3] * alpha, values[..., 3:]], axis=2)


@pytest.mark.parametrize("below", ["RGB", "RGBA", "L"])
@pytest.mark.parametrize("above", ["RGB", "RGBA", "L"])
@pytest.mark.parametrize("opacity", [1.0, 0.4])
@pytest.mark.parametrize("masked", [False, True])
def test_a_composite_is_the_formula(
    client: Any, below: str, above: str, opacity: float, masked: bool
) -> None:
    background, foreground = noise(30, 20, below), noise(12, 10, above, seed=2)
    mask = noise(12, 10, "L", seed=3)
    fields = {"mask": mask} if masked else {}
    found = edited(
        client, "composite", background=background, foreground=foreground, x=5, y=4, opacity=opacity, **fields
    )
    layer = np.zeros((20, 30, 4))
    layer[4:14, 5:17] = pixels(foreground.convert("RGBA")) / 255
    layer[4:14, 5:17, 3] *= opacity * (pixels(mask) / 255 if masked else 1)
    expected, result = over(background, layer), pixels(found.convert("RGBA")).astype(float)
    assert found.mode == ("RGBA" if below == "RGBA" else "RGB")
    assert np.abs(premultiplied(result) - premultiplied(expected)).max() <= 1.6
    outside = np.ones((20, 30), bool)
    outside[4:14, 5:17] = False
    assert (result[outside] == pixels(background.convert("RGBA"))[outside]).all()


@pytest.mark.parametrize(("x", "y"), [(-5, -3), (25, 15), (-5, 15), (0, 0)])
def test_what_sticks_out_is_cut_off(client: Any, x: int, y: int) -> None:
    background, foreground = noise(30, 20), noise(12, 10, seed=2)
    expected = background.copy()
    expected.paste(foreground, (x, y))
    found = edited(client, "composite", background=background, foreground=foreground, x=x, y=y)
    assert (pixels(found) == pixels(expected)).all()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"x": 30}, "x"),
        ({"x": -12}, "x"),
        ({"y": 20}, "x"),
        ({"x": 1.5}, "x"),
        ({"x": 99_999}, "x"),
        ({"opacity": 1.1}, "opacity"),
        ({"opacity": -1}, "opacity"),
        ({"mask": Image.new("L", (11, 10), 255)}, "mask"),
        ({"mask": "no picture"}, "mask"),
        ({"image": noise(3, 3)}, "image"),
    ],
)
def test_a_composite_that_makes_no_sense_is_refused(client: Any, fields: dict[str, Any], field: str) -> None:
    error = refused(client, "composite", background=noise(30, 20), foreground=noise(12, 10), **fields)
    assert field in error["errors"]


@pytest.mark.parametrize("missing", ["background", "foreground"])
def test_a_composite_needs_both_pictures(client: Any, missing: str) -> None:
    fields = {"background": noise(9, 9), "foreground": noise(9, 9)}
    del fields[missing]
    assert missing in refused(client, "composite", **fields)["errors"]


def extracted(client: Any, **fields: Any) -> Image.Image:
    response = post(client, "extract-object", **fields)
    assert response.status_code == 200, response.content
    answer = response.json()
    assert {"success", "extracted_image", "error"} <= set(answer)
    assert answer["success"] is True
    assert answer["error"] is None
    return shown(answer["extracted_image"])


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_an_extracted_object_is_seen_where_the_mask_is_white(client: Any, mode: str) -> None:
    image, mask = noise(24, 18, mode), noise(24, 18, "L", seed=5)
    found, before = extracted(client, image=image, mask=mask), pixels(image.convert("RGBA"))
    assert found.mode == "RGBA"
    assert found.format == "PNG"
    assert (pixels(found)[..., :3] == before[..., :3]).all()
    assert np.abs(pixels(found)[..., 3] - before[..., 3] * pixels(mask) / 255).max() <= 1


@pytest.mark.parametrize(
    "mask",
    [
        Image.new("RGB", (8, 8), "white"),
        Image.new("RGBA", (8, 8), "white"),
        Image.new("1", (8, 8), 1),
        Image.new("P", (8, 8), 0),
    ],
    ids=lambda mask: mask.mode,
)
def test_a_mask_may_be_any_kind_of_picture(client: Any, mask: Image.Image) -> None:
    if mask.mode == "P":
        mask.putpalette([255, 255, 255] + [0] * 765)
    assert (pixels(extracted(client, image=noise(8, 8), mask=mask))[..., 3] == 255).all()


def test_what_is_transparent_in_a_mask_is_not_meant(client: Any) -> None:
    """As drawing tools send it: white strokes on nothing."""
    mask = Image.new("RGBA", (8, 8), (255, 255, 255, 0))
    mask.paste((255, 255, 255, 255), (0, 0, 4, 8))
    alpha = pixels(extracted(client, image=noise(8, 8), mask=mask))[..., 3]
    assert (alpha[:, :4] == 255).all()
    assert (alpha[:, 4:] == 0).all()


@pytest.mark.parametrize(
    ("mask", "code"),
    [
        (Image.new("L", (8, 9), 255), "mask_size"),
        (Image.new("L", (8, 8), 0), "mask_empty"),
        (Image.new("RGBA", (8, 8), (255, 255, 255, 0)), "mask_empty"),
        (None, "invalid"),
    ],
)
def test_a_mask_that_cannot_be_is_refused(client: Any, mask: Image.Image | None, code: str) -> None:
    fields = {} if mask is None else {"mask": mask}
    error = refused(client, "extract-object", image=noise(8, 8), **fields)
    assert error["code"] == code
    assert "mask" in error["errors"]


def test_extract_answers_with_the_picture_alone_where_accept_says_so(client: Any) -> None:
    response = client.post(
        "/api/v1/image-processing/extract-object/",
        {"image": b64(noise(8, 8)), "mask": b64(Image.new("L", (8, 8), 255))},
        content_type="application/json",
        headers={"accept": "image/webp"},
    )
    assert response["Content-Type"] == "image/webp"
    assert opened(response.content).format == "WEBP"
