"""enhance/, upscale/ and remove-object/, and what every job can: a real server and its worker."""

from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from apps.image_processing.tests.calls import ask, body, made, noise, pixels, shown, square_mask
from core.images.tests.pictures import opened
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


def photo(size: tuple[int, int] = (96, 72)) -> Image.Image:
    """Smooth, with an edge and some texture."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(image).ellipse((20, 15, 70, 60), fill=(180, 90, 40))
    return Image.blend(image.filter(ImageFilter.GaussianBlur(1)), noise(*size), 0.05)


@pytest.mark.parametrize("path", sorted(LEAST))
def test_the_async_twin_makes_the_same_picture(client: httpx2.Client, path: str) -> None:
    image = photo()
    fields = least(path, image.size)
    waited = ask(client, path, image=image, **fields).json()
    response = ask(client, f"{path}/async", image=image, **fields)
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
    found = made(client, path, image=image, **least(path, image.size))
    assert found.mode == mode


def test_a_single_pixel_is_enhanced_and_upscaled(client: httpx2.Client) -> None:
    dot = Image.new("RGB", (1, 1), (9, 200, 30))
    strong = {"auto_levels": True, "denoise": 1, "sharpen": 1}
    assert np.abs(pixels(made(client, "enhance", image=dot, **strong)) - (9, 200, 30)).max() <= 1
    assert set(pixels(made(client, "upscale", image=dot, scale=4)).reshape(-1, 3).tolist()[0]) == {
        9,
        200,
        30,
    }


def test_auto_levels_stretch_all_channels_alike(client: httpx2.Client) -> None:
    """Values from 20 to 160 become 0 to 255 along one line: greys stay grey, and hues what they are."""
    ramp = np.linspace(80, 160, 100).round().astype(np.uint8)
    image = Image.fromarray(np.stack([ramp, ramp // 2, ramp // 4], axis=-1)[None].repeat(50, axis=0))
    stretched = pixels(made(client, "enhance", image=image, auto_levels=True))
    assert np.abs(stretched - np.clip((pixels(image) - 20) * 255 / 140, 0, 255)).max() <= 4


def test_auto_levels_do_not_look_at_what_is_hidden(client: httpx2.Client) -> None:
    image = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    image.paste((100, 100, 100, 255), (0, 0, 10, 40))
    image.paste((120, 120, 120, 255), (10, 0, 20, 40))
    stretched = pixels(made(client, "enhance", image=image, auto_levels=True))
    assert stretched[0, 0].tolist() == [0, 0, 0, 255]
    assert stretched[0, 15].tolist() == [255, 255, 255, 255]


def test_denoising_takes_noise_and_leaves_the_edge(client: httpx2.Client) -> None:
    clean = Image.new("RGB", (120, 80), (90, 90, 90))
    clean.paste((170, 170, 170), (60, 0, 120, 80))
    grain = np.random.default_rng(3).normal(0, 8, (80, 120, 3))
    noisy = Image.fromarray(np.clip(pixels(clean) + grain, 0, 255).astype(np.uint8))
    found = pixels(made(client, "enhance", image=noisy, denoise=1.0))
    left, right = found[10:70, 10:50], found[10:70, 70:110]
    assert left.std() < 2.5 < 7 < pixels(noisy)[10:70, 10:50].std()
    assert right.mean() - left.mean() == pytest.approx(80, abs=3)
    half = pixels(made(client, "enhance", image=noisy, denoise=True))
    assert left.std() < half[10:70, 10:50].std() < 7


def test_sharpening_steepens_edges_and_nothing_else(client: httpx2.Client) -> None:
    image = Image.new("L", (60, 40), 90)
    image.paste(160, (30, 0, 60, 40))
    sharp = pixels(made(client, "enhance", image=image, sharpen=1))
    assert sharp[20, 29] < 90
    assert sharp[20, 30] > 160
    assert (sharp[:, :20] == 90).all()
    assert (sharp[:, 45:] == 160).all()


def test_enhance_without_a_word_does_something_and_all_off_does_nothing(client: httpx2.Client) -> None:
    image = photo()
    assert not np.array_equal(pixels(made(client, "enhance", image=image)), pixels(image))
    off = {"auto_levels": False, "denoise": False, "sharpen": 0}
    assert (pixels(made(client, "enhance", image=image, **off)) == pixels(image)).all()


def test_hidden_colours_take_no_part_in_denoising(client: httpx2.Client) -> None:
    image = Image.new("RGBA", (60, 60), (0, 255, 0, 0))
    image.paste((120, 60, 60, 255), (0, 0, 30, 60))
    found = pixels(made(client, "enhance", image=image, denoise=1, sharpen=1))
    assert np.abs(found[:, :30, :3] - (120, 60, 60)).max() <= 2
    assert (found[..., 3] == pixels(image)[..., 3]).all()


@pytest.mark.parametrize("scale", [2, 4])
def test_lanczos_gives_more_pixels_of_the_same_picture(client: httpx2.Client, scale: int) -> None:
    image = photo()
    response = ask(client, "upscale", image=image, scale=scale, model="lanczos").json()
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
    response = ask(
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
    found = pixels(made(client, "remove-object", image=image, mask=mask))
    assert np.abs(found[:, :150] - (40, 90, 160)).max() <= 3
    assert np.abs(found[:, 150:] - (160, 120, 40)).max() <= 3


def test_an_object_on_nothing_leaves_nothing(client: httpx2.Client) -> None:
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (30, 30, 50, 50))
    mask = Image.new("L", (80, 80))
    mask.paste(255, (28, 28, 52, 52))
    assert pixels(made(client, "remove-object", image=image, mask=mask))[..., 3].max() == 0


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
    response = ask(client, f"{path}{twin}", image=noise(32, 24), **fields)
    assert response.status_code == 400, response.text
    assert field in response.json()["errors"]


def test_a_model_that_is_not_installed_says_how_to_get_it(client: httpx2.Client) -> None:
    response = ask(client, "remove-object", image=noise(32, 24), mask=square_mask((32, 24)), model="lama")
    assert response.status_code == 503
    assert response.json()["code"] == "model_missing"
    assert "models pull lama" in response.json()["detail"]


def test_an_upscale_beyond_the_limit_is_refused_at_once(client: httpx2.Client) -> None:
    response = ask(client, "upscale", image=Image.new("L", (4000, 1000)), scale=4)
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
    job = ask(client, f"{path}/async", image=noise(2100, 2100, "L"), **fields).json()
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
