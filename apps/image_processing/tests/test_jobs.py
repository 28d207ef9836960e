"""enhance/, upscale/, remove-object/ and pipeline/: jobs, with a real server and its worker."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from apps.image_processing.tests.calls import body, noise, pixels, shown
from core.images.tests.pictures import file_of, opened
from core.jobs.tests.studio import Studio, events, wait_until

LEAST: dict[str, dict[str, Any]] = {
    "enhance": {"sharpen": True},
    "upscale": {"scale": 2},
    "remove-object": {"mask": None},
    "pipeline": {"steps": [{"op": "flip", "direction": "vertical"}]},
}


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def call(client: httpx2.Client, path: str, **fields: Any) -> httpx2.Response:
    return client.post(f"/image-processing/{path}/", json=body(**fields))


def edited(client: httpx2.Client, path: str, **fields: Any) -> Image.Image:
    response = call(client, path, **fields)
    assert response.status_code == 200, response.text
    return shown(response.json()["image_bytes"])


def finished(client: httpx2.Client, job: dict[str, Any]) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        now: dict[str, Any] = client.get(f"/jobs/{job['task_id']}/").json()
        return now if now["status"] in {"done", "error", "cancelled"} else None

    return wait_until(ended)


def least(path: str, size: tuple[int, int]) -> dict[str, Any]:
    fields = dict(LEAST[path])
    if path == "remove-object":
        fields["mask"] = square_mask(size)
    return fields


def square_mask(size: tuple[int, int], share: float = 0.3) -> Image.Image:
    mask = Image.new("L", size)
    width, height = (round(side * share) for side in size)
    mask.paste(255, (size[0] // 3, size[1] // 3, size[0] // 3 + width, size[1] // 3 + height))
    return mask


def photo(size: tuple[int, int] = (96, 72)) -> Image.Image:
    """Smooth, with an edge and some texture."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(image).ellipse((20, 15, 70, 60), fill=(180, 90, 40))
    return Image.blend(image.filter(ImageFilter.GaussianBlur(1)), noise(*size), 0.05)


@pytest.mark.parametrize("path", sorted(LEAST))
def test_the_async_twin_makes_the_same_picture(client: httpx2.Client, path: str) -> None:
    image = photo()
    fields = least(path, image.size)
    waited = call(client, path, image=image, **fields).json()
    response = call(client, f"{path}/async", image=image, **fields)
    assert response.status_code == 202, response.text
    job = response.json()
    assert job["kind"] == f"image_processing.{path.replace('-', '_')}"
    assert finished(client, job)["status"] == "done"
    result = client.get(f"/jobs/{job['task_id']}/result/").json()
    assert result["images"][0]["image_id"]
    content = client.get(f"/images/{result['images'][0]['image_id']}/content/").content
    assert (pixels(opened(content)) == pixels(shown(waited["image_bytes"]))).all()
    history = client.get("/image-processing/history/?limit=2").json()["results"]
    assert {entry["operation"] for entry in history} == {path.replace("-", "_")}


@pytest.mark.parametrize("path", sorted(LEAST))
def test_a_job_also_answers_with_the_picture_alone(client: httpx2.Client, path: str) -> None:
    image = photo()
    response = client.post(
        f"/image-processing/{path}/",
        json=body(image=image, **least(path, image.size)),
        headers={"Accept": "image/jpeg"},
    )
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Job-Id"]
    assert opened(response.content).format == "JPEG"


@pytest.mark.parametrize("path", sorted(LEAST))
@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_a_job_takes_grey_and_transparent_pictures(client: httpx2.Client, path: str, mode: str) -> None:
    image = noise(60, 48, mode)
    found = edited(client, path, image=image, **least(path, image.size))
    assert found.mode == mode


def test_a_single_pixel_is_enhanced_and_upscaled(client: httpx2.Client) -> None:
    dot = Image.new("RGB", (1, 1), (9, 200, 30))
    strong = {"auto_levels": True, "denoise": 1, "sharpen": 1}
    assert np.abs(pixels(edited(client, "enhance", image=dot, **strong)) - (9, 200, 30)).max() <= 1
    assert set(pixels(edited(client, "upscale", image=dot, scale=4)).reshape(-1, 3).tolist()[0]) == {
        9,
        200,
        30,
    }


def test_auto_levels_stretch_all_channels_alike(client: httpx2.Client) -> None:
    """Values from 20 to 160 become 0 to 255 along one line: greys stay grey, and hues what they are."""
    ramp = np.linspace(80, 160, 100).round().astype(np.uint8)
    image = Image.fromarray(np.stack([ramp, ramp // 2, ramp // 4], axis=-1)[None].repeat(50, axis=0))
    stretched = pixels(edited(client, "enhance", image=image, auto_levels=True))
    assert np.abs(stretched - np.clip((pixels(image) - 20) * 255 / 140, 0, 255)).max() <= 4


def test_auto_levels_do_not_look_at_what_is_hidden(client: httpx2.Client) -> None:
    image = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    image.paste((100, 100, 100, 255), (0, 0, 10, 40))
    image.paste((120, 120, 120, 255), (10, 0, 20, 40))
    stretched = pixels(edited(client, "enhance", image=image, auto_levels=True))
    assert stretched[0, 0].tolist() == [0, 0, 0, 255]
    assert stretched[0, 15].tolist() == [255, 255, 255, 255]


def test_denoising_takes_noise_and_leaves_the_edge(client: httpx2.Client) -> None:
    clean = Image.new("RGB", (120, 80), (90, 90, 90))
    clean.paste((170, 170, 170), (60, 0, 120, 80))
    grain = np.random.default_rng(3).normal(0, 8, (80, 120, 3))
    noisy = Image.fromarray(np.clip(pixels(clean) + grain, 0, 255).astype(np.uint8))
    found = pixels(edited(client, "enhance", image=noisy, denoise=1.0))
    left, right = found[10:70, 10:50], found[10:70, 70:110]
    assert left.std() < 2.5 < 7 < pixels(noisy)[10:70, 10:50].std()
    assert right.mean() - left.mean() == pytest.approx(80, abs=3)
    half = pixels(edited(client, "enhance", image=noisy, denoise=True))
    assert left.std() < half[10:70, 10:50].std() < 7


def test_sharpening_steepens_edges_and_nothing_else(client: httpx2.Client) -> None:
    image = Image.new("L", (60, 40), 90)
    image.paste(160, (30, 0, 60, 40))
    sharp = pixels(edited(client, "enhance", image=image, sharpen=1))
    assert sharp[20, 29] < 90
    assert sharp[20, 30] > 160
    assert (sharp[:, :20] == 90).all()
    assert (sharp[:, 45:] == 160).all()


def test_enhance_without_a_word_does_something_and_all_off_does_nothing(client: httpx2.Client) -> None:
    image = photo()
    assert not np.array_equal(pixels(edited(client, "enhance", image=image)), pixels(image))
    off = {"auto_levels": False, "denoise": False, "sharpen": 0}
    assert (pixels(edited(client, "enhance", image=image, **off)) == pixels(image)).all()


def test_hidden_colours_take_no_part_in_denoising(client: httpx2.Client) -> None:
    image = Image.new("RGBA", (60, 60), (0, 255, 0, 0))
    image.paste((120, 60, 60, 255), (0, 0, 30, 60))
    found = pixels(edited(client, "enhance", image=image, denoise=1, sharpen=1))
    assert np.abs(found[:, :30, :3] - (120, 60, 60)).max() <= 2
    assert (found[..., 3] == pixels(image)[..., 3]).all()


@pytest.mark.parametrize("scale", [2, 4])
def test_lanczos_gives_more_pixels_of_the_same_picture(client: httpx2.Client, scale: int) -> None:
    image = photo()
    response = call(client, "upscale", image=image, scale=scale, model="lanczos").json()
    large = shown(response["image_bytes"])
    assert large.size == (image.width * scale, image.height * scale)
    assert response["model_used"] == "lanczos"
    back = large.resize(image.size, Image.Resampling.BOX)
    assert np.abs(pixels(back) - pixels(image)).mean() < 3


@pytest.mark.parametrize("model", ["auto", "patches", "telea", "ns"])
def test_an_object_is_removed_and_all_else_stays(client: httpx2.Client, model: str) -> None:
    """A red square on a wavy ground: the red is gone, the ground goes on, and no other bit has changed."""
    rows, columns = np.mgrid[0:90, 0:120]
    ground = np.stack([100 + 20 * np.sin(columns / 4), 120 + 20 * np.cos(rows / 5), 0 * rows + 90], axis=-1)
    before = ground.round().astype(np.uint8)
    before[35:60, 50:75] = (255, 0, 0)
    mask = np.zeros((90, 120), np.uint8)
    mask[33:62, 48:77] = 255
    response = call(
        client, "remove-object", image=Image.fromarray(before), mask=Image.fromarray(mask), model=model
    ).json()
    after = pixels(shown(response["image_bytes"]))
    assert response["model_used"] == ("patches" if model == "auto" else model)
    assert (after[mask == 0] == before[mask == 0]).all()
    assert np.abs(after - ground)[mask > 0].mean() < (8 if response["model_used"] == "patches" else 25)
    assert after[mask > 0][:, 0].max() < 160


def test_several_holes_are_filled_each_from_its_own_surroundings(client: httpx2.Client) -> None:
    image = Image.new("RGB", (300, 100), (40, 90, 160))
    image.paste((160, 120, 40), (150, 0, 300, 100))
    mask = Image.new("L", image.size)
    for box in ((30, 30, 60, 60), (220, 40, 250, 70), (0, 0, 6, 6), (290, 95, 300, 100)):
        image.paste("red", box)
        mask.paste(255, box)
    found = pixels(edited(client, "remove-object", image=image, mask=mask))
    assert np.abs(found[:, :150] - (40, 90, 160)).max() <= 3
    assert np.abs(found[:, 150:] - (160, 120, 40)).max() <= 3


def test_an_object_on_nothing_leaves_nothing(client: httpx2.Client) -> None:
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (30, 30, 50, 50))
    mask = Image.new("L", (80, 80))
    mask.paste(255, (28, 28, 52, 52))
    assert pixels(edited(client, "remove-object", image=image, mask=mask))[..., 3].max() == 0


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("enhance", {"denoise": 1.1}, "denoise"),
        ("enhance", {"sharpen": -0.1}, "sharpen"),
        ("enhance", {"sharpen": "very"}, "sharpen"),
        ("enhance", {"auto_levels": 3}, "auto_levels"),
        ("upscale", {}, "scale"),
        ("upscale", {"scale": 3}, "scale"),
        ("upscale", {"scale": 10**9}, "scale"),
        ("upscale", {"scale": 2, "model": "starter"}, "model"),
        ("upscale", {"scale": 2, "model": "../../etc"}, "model"),
        ("remove-object", {}, "mask"),
        ("remove-object", {"mask": Image.new("L", (9, 9), 255)}, "mask"),
        ("remove-object", {"mask": Image.new("L", (32, 24), 0)}, "mask"),
        ("remove-object", {"mask": Image.new("L", (32, 24), 255)}, "mask"),
        ("remove-object", {"mask": square_mask((32, 24)), "model": "magic"}, "model"),
    ],
)
@pytest.mark.parametrize("twin", ["", "/async"])
def test_what_makes_no_sense_is_refused(
    client: httpx2.Client, path: str, fields: dict[str, Any], field: str, twin: str
) -> None:
    response = call(client, f"{path}{twin}", image=noise(32, 24), **fields)
    assert response.status_code == 400, response.text
    assert field in response.json()["errors"]


def test_a_model_that_is_not_installed_says_how_to_get_it(client: httpx2.Client) -> None:
    response = call(client, "remove-object", image=noise(32, 24), mask=square_mask((32, 24)), model="lama")
    assert response.status_code == 503
    assert response.json()["code"] == "model_missing"
    assert "models pull lama" in response.json()["detail"]


def test_an_upscale_beyond_the_limit_is_refused_at_once(client: httpx2.Client) -> None:
    response = call(client, "upscale", image=Image.new("L", (4000, 1000)), scale=4)
    assert response.status_code == 413
    assert response.json()["code"] == "too_many_pixels"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("enhance", {"denoise": 1}),
        ("pipeline", {"steps": [{"op": "enhance", "denoise": 1}, {"op": "flip", "direction": "vertical"}]}),
    ],
)
def test_a_job_tells_its_progress_and_can_be_cancelled(
    client: httpx2.Client, path: str, fields: dict[str, Any]
) -> None:
    before = client.get("/image-processing/history/?limit=1").json()["results"]
    job = call(client, f"{path}/async", image=noise(2100, 2100, "L"), **fields).json()
    seen = []
    for _, name, data in events(client, f"/jobs/{job['task_id']}/stream/"):
        seen.append((name, data["progress"]))
        if len([share for event, share in seen if event == "progress" and share > 0]) == 2:
            assert client.post(f"/jobs/{job['task_id']}/cancel/").json()["success"] is True
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert seen[-1][0] == "cancelled"
    assert max(share for event, share in seen if event == "progress") < 0.9
    newest = client.get("/image-processing/history/?limit=1").json()["results"]
    assert newest == before, "what was cancelled leaves no entry"


def test_a_pipeline_is_its_steps_one_after_the_other(client: httpx2.Client) -> None:
    image = noise(64, 48)
    steps = [
        {"op": "crop", "box": [4, 4, 44, 34]},
        {"op": "rotate", "angle": 90},
        {"op": "adjust", "brightness": 0.5},
        {"op": "flip", "direction": "horizontal"},
    ]
    response = call(client, "pipeline", image=image, steps=steps).json()
    expected = image.crop((4, 4, 44, 34)).transpose(Image.Transpose.ROTATE_270)
    expected = expected.point([value // 2 for value in range(256)] * 3)
    expected = expected.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert (response["width"], response["height"]) == (30, 40)
    assert np.abs(pixels(shown(response["image_bytes"])) - pixels(expected)).max() <= 1
    entry = client.get(f"/image-processing/history/{response['history_id']}/").json()
    assert entry["operation"] == "pipeline"
    assert [step["op"] for step in entry["parameters"]["steps"]] == ["crop", "rotate", "adjust", "flip"]


def test_a_pipeline_takes_every_edit(client: httpx2.Client) -> None:
    image = noise(64, 48)
    steps = [
        {"op": "resize", "width": 60, "height": 40, "mode": "exact"},
        {"op": "white_balance"},
        {"op": "remove_object", "mask": square_mask((60, 40))},
        {"op": "composite", "foreground": Image.new("RGB", (10, 10), "red"), "x": 2, "y": 2},
        {"op": "enhance"},
        {"op": "extract_object", "mask": square_mask((60, 40), 0.5)},
        {"op": "upscale", "scale": 2, "model": "lanczos"},
        {"op": "convert", "output_format": "webp", "quality": 80},
    ]
    found = edited(client, "pipeline", image=image, steps=steps)
    assert found.size == (120, 80)
    assert found.mode == "RGBA"
    assert found.format == "WEBP"
    asked = edited(client, "pipeline", image=image, steps=steps, output_format="png")
    assert asked.format == "PNG", "the call's own format comes first"


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"op": "resize", "width": 0}, "steps[2].width"),
        ({"op": "resize"}, "steps[2].width"),
        ({"op": "rotate"}, "steps[2].angle"),
        ({"op": "teleport"}, "steps[2].op"),
        ({"angle": 9}, "steps[2].op"),
        ("flip", "steps[2]"),
        ({"op": "crop", "box": [0, 0, 21, 5]}, "steps[2].box"),
        ({"op": "crop", "box": [0, 0, 5, "x"]}, "steps[2].box[3]"),
        ({"op": "flip", "direction": "vertical", "speed": 3}, "steps[2].speed"),
        ({"op": "flip", "direction": "vertical", "image": "x"}, "steps[2].image"),
        ({"op": "remove_object"}, "steps[2].mask"),
        ({"op": "remove_object", "mask": Image.new("L", (64, 48), 255)}, "steps[2].mask"),
        ({"op": "remove_object", "mask": "x"}, "steps[2].mask"),
        ({"op": "extract_object", "mask_id": "6a0d7cb4-5f0e-4d4e-9d0c-7f9d7f0f0f0f"}, "steps[2].mask_id"),
        ({"op": "upscale", "scale": 2, "model": "starter"}, "steps[2].model"),
        ({"op": "convert"}, "steps[2].output_format"),
    ],
)
def test_a_bad_third_step_is_named_before_anything_is_done(
    client: httpx2.Client, step: Any, field: str
) -> None:
    """After the first two the picture has 20 x 10 pixels, which the third is checked against."""
    steps = [
        {"op": "resize", "width": 20, "height": 10, "mode": "exact"},
        {"op": "flip", "direction": "vertical"},
        step,
    ]
    response = call(client, "pipeline/async", image=noise(64, 48), steps=steps)
    assert response.status_code == 400, response.text
    assert list(response.json()["errors"]) == [field]


def test_a_pipeline_that_grows_beyond_the_limit_is_refused(client: httpx2.Client) -> None:
    steps = [{"op": "upscale", "scale": 4}] * 6
    response = call(client, "pipeline", image=noise(64, 48), steps=steps)
    assert response.status_code == 413
    assert "steps[3]" in response.json()["errors"]


@pytest.mark.parametrize(
    "steps",
    [
        None,
        [],
        "flip",
        {"op": "flip"},
        [{"op": "flip", "direction": "vertical"}] * 21,
        [{"op": "extract_object", "mask": Image.new("L", (64, 48), 255)}] * 5,
    ],
    ids=["none", "empty", "text", "object", "too many", "too many pictures"],
)
def test_steps_that_are_none_or_too_many_are_refused(client: httpx2.Client, steps: Any) -> None:
    response = call(client, "pipeline", image=noise(64, 48), **({} if steps is None else {"steps": steps}))
    assert response.status_code == 400, response.text
    assert "steps" in response.json()["errors"]


def test_a_pipeline_in_a_form(client: httpx2.Client) -> None:
    image = noise(20, 10)
    response = client.post(
        "/image-processing/pipeline/",
        data={"steps": json.dumps([{"op": "flip", "direction": "vertical"}])},
        files={"image": ("a.png", file_of(image), "image/png")},
    )
    assert response.status_code == 200, response.text
    assert (pixels(shown(response.json()["image_bytes"])) == pixels(image)[::-1]).all()
