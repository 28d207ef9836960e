"""Every task of `edit/` over HTTP, with the starter model, on a real server."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from apps.image_generation.tests import lora_files
from apps.image_generation.tests.pictures import decoded, disc, encoded, outside, photos, pixels
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.jobs.tests.studio import Studio, events

EDIT = "/image-generation/edit/"
SIZE = (320, 240)


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


@pytest.fixture(scope="module")
def scene(client: httpx2.Client) -> Image.Image:
    """Green hills under a blue sky."""
    body = {"prompt": "green hills", "seed": 5}
    answer = client.post("/image-generation/generate/", json=body).json()
    return decoded(answer["image_bytes"]).convert("RGB").resize(SIZE)


@pytest.fixture(scope="module")
def mask() -> Image.Image:
    return disc(SIZE, (100, 60, 220, 200))


def edit(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    response = client.post(EDIT, json={"seed": 5, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refused(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    for path in (EDIT, f"{EDIT}async/"):
        response = client.post(path, json=fields)
        assert response.status_code == 400, response.text
        answer: dict[str, Any] = response.json()
        assert set(answer) == {"detail", "code", "errors", "request_id"}
    return answer


def redness(picture: Image.Image) -> Any:
    values = pixels(picture)
    return values[..., 0] - (values[..., 1] + values[..., 2]) / 2


@pytest.mark.parametrize("quality", ["resized", "original"])
def test_inpaint_paints_inside_the_mask_and_touches_nothing_else(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image, quality: str
) -> None:
    answer = edit(
        client,
        task_type="inpaint",
        prompt="a red ball on green hills",
        input_image=encoded(scene),
        conditional_images=[encoded(mask)],
        input_quality=quality,
    )
    made = decoded(answer["image"])

    assert made.size == SIZE
    assert np.array_equal(pixels(made)[outside(mask)], pixels(scene)[outside(mask)])
    assert redness(made)[110:150, 140:180].mean() > redness(scene)[110:150, 140:180].mean() + 80
    assert answer["model_used"] == "starter"
    assert answer["debug_info"]["conditional_labels"] == ["mask"]
    assert answer["debug_info"]["input_image_size"] == list(SIZE)
    assert answer["debug_info"]["output_image_size"] == list(SIZE)
    assert answer["debug_info"]["lora_adapter"] is None
    assert answer["debug_info"]["loaded_adapters"] == []
    whole = [0, 0, *SIZE]
    assert (answer["metadata"]["window"] == whole) == (quality == "resized")


def test_the_picture_says_how_it_was_made_and_the_same_request_gives_the_same_bytes(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image
) -> None:
    body = {
        "task_type": "inpaint",
        "prompt": "a red ball",
        "input_image": encoded(scene),
        "conditional_images": [encoded(mask)],
        "num_inference_steps": 4,
    }
    first, again = edit(client, **body)["image"], edit(client, **body)["image"]
    text = decoded(first).text  # type: ignore[attr-defined]

    assert first == again
    assert "compositeWithTrainedAlgorithmicMedia" in text["XML:com.adobe.xmp"]
    said = json.loads(text["studio"])
    assert (said["task"], said["seed"], said["model"]) == ("inpaint", 5, "starter")


def test_an_edit_paints_over_the_whole_picture_or_what_the_mask_shows(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image
) -> None:
    body = {"prompt": "snowy mountains at night", "input_image": encoded(scene), "strength": 0.8}
    body["model"] = "auto"
    whole = decoded(edit(client, **body)["image"])
    masked = decoded(edit(client, **body, conditional_images=[encoded(mask)])["image"])

    assert whole.size == masked.size == SIZE
    assert pixels(whole).mean() < pixels(scene).mean() - 40, "night is dark"
    assert np.array_equal(pixels(masked)[outside(mask)], pixels(scene)[outside(mask)])
    assert not np.array_equal(pixels(masked), pixels(scene))


def test_a_style_is_words_from_the_list(client: httpx2.Client, scene: Image.Image) -> None:
    body = {"task_type": "style-transfer", "input_image": encoded(scene), "prompt": "green hills"}
    answer = edit(client, **body, style="night", strength=0.9)
    styles = {each["name"]: each for each in client.get("/image-generation/styles/").json()}

    assert answer["parameters_used"]["prompt"] == f"green hills, {styles['night']['prompt']}"
    assert answer["parameters_used"]["negative_prompt"] == styles["night"]["negative_prompt"]
    assert pixels(decoded(answer["image"])).mean() < pixels(scene).mean() - 20


@pytest.mark.parametrize(("said", "name"), [("watercolor", "watercolour"), ("sketch", "pencil-sketch")])
def test_a_style_may_be_called_as_in_a_prompts_refinement(
    client: httpx2.Client, scene: Image.Image, said: str, name: str
) -> None:
    styles = {each["name"]: each for each in client.get("/image-generation/styles/").json()}
    answer = edit(client, input_image=encoded(scene), prompt="green hills", style=said, num_inference_steps=1)

    assert answer["parameters_used"]["prompt"] == f"green hills, {styles[name]['prompt']}"


def test_outpainting_goes_on_where_the_picture_ends(client: httpx2.Client, scene: Image.Image) -> None:
    answer = edit(
        client,
        task_type="outpaint",
        prompt="green hills, blue sky",
        input_image=encoded(scene),
        padding=[80, 0, 40, 20],
        seed=1,
    )
    made = decoded(answer["image"])

    assert made.size == (SIZE[0] + 120, SIZE[1] + 20)
    assert np.array_equal(pixels(made)[: SIZE[1], 80 : 80 + SIZE[0]], pixels(scene))
    # the sky on the right: on the left the starter likes to paint the sun
    sky, hills = pixels(made)[20:60, 410:436].mean((0, 1)), pixels(made)[200:240, 10:70].mean((0, 1))
    assert sky[2] > sky[0] + 40, "the sky goes on blue"
    assert hills[1] > hills[2] + 40, "the hills go on green"
    assert answer["parameters_used"]["padding"] == [80, 0, 40, 20]


def test_an_object_is_inserted_into_the_white_part(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image
) -> None:
    thing = Image.new("RGB", (64, 64), "white")
    shape = disc(thing.size, (4, 4, 60, 60))
    thing.paste((220, 30, 30), mask=shape)
    body = {
        "task_type": "insertion",
        "input_image": encoded(scene),
        "conditional_images": [encoded(mask)],
        "reference_image": encoded(thing),
        "reference_mask_R": encoded(shape),
    }
    pasted = edit(client, **body)
    made = decoded(pasted["image"])

    assert np.array_equal(pixels(made)[outside(mask)], pixels(scene)[outside(mask)])
    assert redness(made)[120:140, 150:170].min() > 60
    assert pasted["debug_info"]["conditional_labels"] == ["mask", "reference", "reference_mask"]
    assert "seed" in pasted["metadata"]["ignored"], "no model had a use for it"
    without_mask = {name: value for name, value in body.items() if name != "reference_mask_R"}
    found = edit(client, **without_mask)
    assert found["metadata"]["composite_by"] == "grabcut, harmonised-paste"
    rim = pixels(decoded(found["image"]))[65:195, 105:215]
    assert (rim.min(-1) > 230).mean() < 0.02, "the white around the disc stays behind"
    painted = edit(client, **body, strength=0.3, prompt="a red ball on green hills")
    assert painted["model_used"] == "starter"
    again = decoded(painted["image"])
    assert np.array_equal(pixels(again)[outside(mask)], pixels(scene)[outside(mask)])
    assert redness(again)[120:140, 150:170].mean() > 60


def test_what_is_removed_is_gone_and_nothing_else_is_touched(
    client: httpx2.Client, scene: Image.Image
) -> None:
    spoilt, spot = scene.copy(), disc(SIZE, (60, 160, 120, 220))
    spoilt.paste((255, 0, 0), mask=spot)
    answer = edit(
        client, task_type="removal", input_image=encoded(spoilt), conditional_images=[encoded(spot)]
    )
    made = decoded(answer["image"])

    assert np.array_equal(pixels(made)[outside(spot)], pixels(spoilt)[outside(spot)])
    assert redness(made)[~outside(spot)].max() < 40
    assert answer["metadata"]["composite_by"] == answer["model_used"] != "starter"


@pytest.mark.weights
@pytest.mark.skipif(not (photos() / "inpaint").is_dir(), reason="needs the photographs for tests")
def test_a_removal_from_a_photograph_leaves_no_seam(client: httpx2.Client) -> None:
    folder = photos() / "inpaint"
    [mask_file] = folder.glob("*_mask.png")
    photo = Image.open(folder / mask_file.name.replace("_mask", "")).convert("RGB")
    hole = Image.open(mask_file).convert("L")
    made = decoded(
        edit(client, task_type="removal", input_image=encoded(photo), conditional_images=[encoded(hole)])[
            "image"
        ]
    )

    assert np.array_equal(pixels(made)[outside(hole)], pixels(photo)[outside(hole)])
    across, elsewhere = border_gradients(pixels(made), ~outside(hole))
    assert across <= elsewhere


def border_gradients(picture: Any, region: Any) -> tuple[float, float]:
    """Mean step between neighbours on either side of the region's border, and between all outside it."""
    across, elsewhere = [], []
    for axis in (0, 1):
        steps = np.abs(np.diff(picture, axis=axis)).mean(-1)
        one, other = (np.take(region, range(k, region.shape[axis] - 1 + k), axis) for k in (0, 1))
        across.append(steps[one != other])
        elsewhere.append(steps[~one & ~other])
    return float(np.concatenate(across).mean()), float(np.concatenate(elsewhere).mean())


@pytest.mark.parametrize("cast", [(150, 120, 90), (100, 120, 160), (90, 130, 95)])
def test_a_grey_card_in_coloured_light_becomes_neutral(
    client: httpx2.Client, cast: tuple[int, int, int]
) -> None:
    answer = edit(client, task_type="white-balance", input_image=encoded(Image.new("RGB", (256, 256), cast)))
    lab = rgb2lab(pixels(decoded(answer["image"])) / 255)
    neutral = lab * (1, 0, 0)

    assert deltaE_ciede2000(lab, neutral).max() <= 3
    assert answer["metadata"]["ignored"] == ["seed"]


@pytest.mark.parametrize("task_type", ["white-balance", "removal", "insertion"])
def test_an_edit_without_a_model_passes_on_what_the_pictures_say(
    client: httpx2.Client, mask: Image.Image, task_type: str
) -> None:
    picture = Image.new("RGB", SIZE, (90, 120, 60))
    made = base64.b64encode(encode(picture, "png", provenance=Provenance(prompt="a hill"))).decode()
    others = {"conditional_images": [encoded(mask)], "reference_mask_R": encoded(mask)}

    def source_of(picture: str, reference: str) -> str:
        body = {"task_type": task_type, "input_image": picture, "reference_image": reference, **others}
        xmp: str = decoded(edit(client, **body)["image"]).text["XML:com.adobe.xmp"]  # type: ignore[attr-defined]
        return xmp.partition("digitalsourcetype/")[2].partition('"')[0]

    plain = encoded(picture)
    mixed = "compositeWithTrainedAlgorithmicMedia"
    assert source_of(made, made) == "trainedAlgorithmicMedia"
    assert source_of(plain, plain) == "humanEdits"
    assert source_of(made, plain) == (mixed if task_type == "insertion" else "trainedAlgorithmicMedia")
    assert source_of(plain, made) == (mixed if task_type == "insertion" else "humanEdits")


def test_an_edit_leaves_no_history(client: httpx2.Client, scene: Image.Image, mask: Image.Image) -> None:
    fields = {"input_image": encoded(scene), "conditional_images": [encoded(mask)]}

    def history() -> list[Any]:
        apps = ("image-processing", "background-removal")
        return [client.get(f"/{app}/history/").json()["results"] for app in apps]

    before = history()
    for task_type in ("white-balance", "removal", "insertion"):
        edit(client, task_type=task_type, reference_image=encoded(scene), **fields)

    assert history() == before


def test_transparency_stays(client: httpx2.Client, scene: Image.Image, mask: Image.Image) -> None:
    cut_out = scene.copy()
    cut_out.putalpha(disc(SIZE, (20, 20, 300, 220)))
    answer = edit(
        client,
        task_type="inpaint",
        prompt="a red ball",
        input_image=encoded(cut_out),
        conditional_images=[encoded(mask)],
        num_inference_steps=2,
    )
    made = decoded(answer["image"])

    assert made.mode == "RGBA"
    assert np.array_equal(np.asarray(made)[outside(mask)], np.asarray(cut_out)[outside(mask)])


def test_what_has_no_use_is_named(client: httpx2.Client, scene: Image.Image, mask: Image.Image) -> None:
    answer = edit(
        client,
        prompt="green hills",
        input_image=encoded(scene),
        conditional_images=[encoded(mask), encoded(scene)],
        true_cfg_scale=4.0,
        enable_flowmatch_scheduler=True,
        padding=[1, 1, 1, 1],
        reference_image=encoded(scene),
        num_inference_steps=2,
    )

    assert answer["metadata"]["ignored"] == [
        "conditional_images[1:]",
        "enable_flowmatch_scheduler",
        "padding",
        "reference_image",
        "true_cfg_scale",
    ]


def test_the_pictures_behind_a_result_are_shown_to_who_asked_for_it(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image
) -> None:
    body = {
        "task_type": "outpaint",
        "input_image": encoded(scene),
        "padding": [32, 0, 0, 0],
        "num_inference_steps": 1,
    }
    for _ in range(2):  # the second one's pictures take the first one's place
        response = client.post(EDIT, json=body, headers={"X-Request-Id": "mine-1"})
        assert response.status_code == 200
    shown = client.get("/image-generation/requests/mine-1/images/").json()

    assert [image["label"] for image in shown["images"]] == ["input", "mask", "composite"]
    by_label = {image["label"]: image for image in shown["images"]}
    assert (by_label["composite"]["width"], by_label["composite"]["height"]) == (SIZE[0] + 32, SIZE[1])
    stored = client.get(by_label["input"]["url"])
    assert stored.headers["Content-Type"] == "image/png"
    assert response.json()["debug_info"]["conditional_images"] == [by_label["mask"]["image_id"]]
    assert client.get("/image-generation/requests/nobodys/images/").status_code == 404


def test_width_and_height_are_the_results_and_one_of_them_keeps_the_aspect(
    client: httpx2.Client, scene: Image.Image
) -> None:
    body = {"prompt": "green hills", "input_image": encoded(scene), "num_inference_steps": 1}

    assert decoded(edit(client, **body, width=640)["image"]).size == (640, 480)
    assert decoded(edit(client, **body, width=256, height=256)["image"]).size == (256, 256)


def test_loras_paint_over_pictures_too(client: httpx2.Client, studio: Studio, scene: Image.Image) -> None:
    lora_files.write(studio.root / "state" / "models" / "loras", "for-edits", seed=3)
    body = {"prompt": "green hills", "input_image": encoded(scene), "num_inference_steps": 4}
    plain, adapted = edit(client, **body), edit(client, **body, loras=[{"name": "for-edits"}])

    assert adapted["debug_info"]["lora_adapter"] == "for-edits"
    assert adapted["debug_info"]["loaded_adapters"] == ["for-edits"]
    assert adapted["image"] != plain["image"]


def test_in_a_form_lists_are_the_text_of_json(
    client: httpx2.Client, studio: Studio, scene: Image.Image
) -> None:
    lora_files.write(studio.root / "state" / "models" / "loras", "for-forms", seed=3)
    file = base64.b64decode(encoded(scene))
    said = {"task_type": "outpaint", "num_inference_steps": "1"}
    said |= {"loras": '[{"name": "for-forms", "scale": 0.5}]', "padding": "[64, 0, 0, 0]"}

    response = client.post(EDIT, files={"input_image": file}, data=said)

    assert response.status_code == 200, response.text
    assert response.json()["parameters_used"]["loras"] == [{"name": "for-forms", "scale": 0.5}]
    assert response.json()["parameters_used"]["padding"] == [64, 0, 0, 0]


@pytest.mark.parametrize("text", ["for-forms", "[{'name': 'for-forms'}]"])
def test_in_a_form_loras_that_are_no_json_are_refused(
    client: httpx2.Client, scene: Image.Image, text: str
) -> None:
    file = base64.b64decode(encoded(scene))

    response = client.post(EDIT, files={"input_image": file}, data={"prompt": "a cat", "loras": text})

    assert response.status_code == 400
    assert response.json()["errors"] == {"loras": ["This must be a JSON array; in a form, the text of one."]}


def test_a_job_streams_its_steps_and_its_result_has_the_debug_info(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image
) -> None:
    job = client.post(
        f"{EDIT}async/",
        json={
            "task_type": "removal",
            "prompt": "green hills",
            "strength": 0.5,
            "input_image": encoded(scene),
            "conditional_images": [encoded(mask)],
            "num_inference_steps": 6,
        },
    ).json()
    got = [(name, data) for _, name, data in events(client, f"/jobs/{job['task_id']}/stream/")]
    result = client.get(f"/jobs/{job['task_id']}/result/").json()

    assert [name for name, _ in got][-2:] == ["image", "done"]
    progress = [data["progress"] for name, data in got if name == "progress"]
    assert progress == sorted(progress)
    assert len(result["images"]) == 1, "the fill is no result"
    assert result["debug_info"]["conditional_labels"] == ["mask"]


def test_pictures_may_be_sent_once_and_named_by_id(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image
) -> None:
    ids = [
        client.post("/images/", json={"image": encoded(each)}).json()["image_id"] for each in (scene, mask)
    ]
    body = {"task_type": "inpaint", "prompt": "a red ball", "num_inference_steps": 2}
    by_id = edit(client, **body, input_image_id=ids[0], conditional_image_ids=[ids[1]])
    sent = edit(client, **body, input_image=encoded(scene), conditional_images=[encoded(mask)])

    assert by_id["image"] == sent["image"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("angles", {"front", "low", "top-down"}),
        ("background-presets", {"white-studio", "beach"}),
        ("styles", {"watercolour", "anime"}),
    ],
)
def test_the_words_are_listed(client: httpx2.Client, path: str, names: set[str]) -> None:
    listed = client.get(f"/image-generation/{path}/").json()

    assert names <= {each["name"] for each in listed}
    assert all(each["title"] and each["prompt"] for each in listed)


def test_bad_input_is_refused_by_name(client: httpx2.Client, scene: Image.Image, mask: Image.Image) -> None:
    picture, small = encoded(scene), encoded(mask.resize((100, 100)))
    black = encoded(Image.new("L", SIZE))
    inpaint = {"task_type": "inpaint", "prompt": "a ball", "input_image": picture}
    insertion = {"task_type": "insertion", "input_image": picture, "conditional_images": [encoded(mask)]}

    def fields(**body: Any) -> list[str]:
        return list(refused(client, **body)["errors"])

    assert refused(client, **inpaint, conditional_images=[small])["code"] == "mask_size"
    assert refused(client, **inpaint, conditional_images=[black])["code"] == "mask_empty"
    assert refused(client, **inpaint)["code"] == "mask_required"
    white = encoded(Image.new("L", SIZE, 255))
    removal = {"task_type": "removal", "input_image": picture, "conditional_images": [white]}
    assert refused(client, **removal)["code"] == "mask_full"
    assert fields(**inpaint, conditional_images=[small]) == ["conditional_images"]
    assert fields(task_type="removal", input_image=picture) == ["conditional_images"]
    assert fields(**insertion) == ["reference_image"]
    assert fields(**insertion, reference_image=picture, reference_mask_R=small) == ["reference_mask_R"]
    assert fields(task_type="outpaint", input_image=picture) == ["padding"]
    assert fields(task_type="outpaint", input_image=picture, padding=[1, 2]) == ["padding"]
    assert fields(input_image=picture) == ["prompt"]
    assert fields(prompt="x") == ["input_image"]
    assert fields(task_type="erase", prompt="x", input_image=picture) == ["task_type"]
    assert fields(prompt="x", input_image=picture, angle="sideways") == ["angle"]
    assert fields(prompt="x", input_image=picture, background_preset="moon") == ["background_preset"]
    assert fields(prompt="x", input_image=picture, style="cubist") == ["style"]
    assert fields(prompt="x", input_image=picture, model="no-such") == ["model"]
    assert fields(prompt="x", input_image=picture, loras=[{"name": "no-such"}]) == ["loras"]
    assert fields(prompt="x", input_image=picture, strength=0) == ["strength"]
    assert fields(prompt="x", input_image=picture, width=100) == ["width"]
    assert fields(prompt="x", input_image=picture, maks=small) == ["maks"]
    assert fields(prompt="x", input_image="aGVsbG8=") == ["input_image"]
    many = ["aGVsbG8="] * 9  # counted before any is decoded
    assert fields(prompt="x", input_image=picture, conditional_images=many) == ["conditional_images"]
    assert fields(prompt="x", input_image=picture, conditional_images=["aGVsbG8="]) == [
        "conditional_images[0]"
    ]


def test_a_canvas_has_a_limit(client: httpx2.Client) -> None:
    large = encoded(Image.new("RGB", (6000, 6000)))
    response = client.post(
        EDIT, json={"task_type": "outpaint", "input_image": large, "padding": [2048, 2048, 2048, 2048]}
    )

    assert (response.status_code, response.json()["code"]) == (413, "too_many_pixels")


@pytest.mark.parametrize(("side", "size"), [("width", (100, 32_000)), ("height", (32_000, 100))])
def test_one_side_of_a_narrow_picture_cannot_make_the_other_endless(
    client: httpx2.Client, side: str, size: tuple[int, int]
) -> None:
    """2048 x 655,360 pixels, out of a few KB."""
    narrow = encoded(Image.new("RGB", size))
    response = client.post(EDIT, json={"task_type": "white-balance", "input_image": narrow, side: 2048})

    assert (response.status_code, response.json()["code"]) == (413, "too_many_pixels")
    assert list(response.json()["errors"]) == [side]


def test_a_thin_mask_survives_a_smaller_size(client: httpx2.Client) -> None:
    photo, stroke = Image.new("RGB", (4000, 3000), (60, 120, 200)), Image.new("L", (4000, 3000))
    stroke.paste(255, (500, 1500, 3500, 1505))
    fields = {"input_image": encoded(photo), "conditional_images": [encoded(stroke)], "width": 256}

    assert edit(client, task_type="inpaint", prompt="a red line", **fields)["image"]
    assert edit(client, task_type="removal", **fields)["image"]


def test_quality_is_that_of_the_file(client: httpx2.Client, scene: Image.Image) -> None:
    body = {"task_type": "white-balance", "input_image": encoded(scene), "output_format": "webp"}

    low, usual = edit(client, **body, quality=10), edit(client, **body)

    assert len(low["image"]) < len(usual["image"])
    assert low["parameters_used"]["quality"] == 10
    lossless = edit(client, **{**body, "output_format": "png"}, quality=10)
    assert "quality" in lossless["metadata"]["ignored"]


def test_what_is_transparent_in_a_mask_stays(
    client: httpx2.Client, scene: Image.Image, mask: Image.Image
) -> None:
    """As drawing tools send it: white strokes on a white that is not there."""
    strokes = Image.new("RGBA", SIZE, "white")
    strokes.putalpha(mask)
    fields = {"prompt": "a red ball", "input_image": encoded(scene), "num_inference_steps": 1}

    made = edit(client, task_type="inpaint", conditional_images=[encoded(strokes)], **fields)["image"]

    assert np.array_equal(pixels(decoded(made))[outside(mask)], pixels(scene)[outside(mask)])


def test_a_mask_that_the_new_aspect_cuts_off_is_said_to_be_empty(client: httpx2.Client) -> None:
    photo, mask = Image.new("RGB", (1000, 500), (60, 120, 200)), Image.new("L", (1000, 500))
    mask.paste(255, (0, 0, 100, 500))
    fields = {
        "input_image": encoded(photo),
        "conditional_images": [encoded(mask)],
        "width": 500,
        "height": 500,
    }
    response = client.post(EDIT, json={"task_type": "inpaint", "prompt": "a ball", **fields})

    assert (response.status_code, response.json()["code"]) == (400, "mask_empty")
    assert list(response.json()["errors"]) == ["conditional_images"]


def test_what_is_hidden_under_transparency_does_not_show_at_its_edge(client: httpx2.Client) -> None:
    cut_out = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    cut_out.paste((220, 40, 40, 255), mask=disc((600, 600), (100, 100, 500, 500)))
    made = decoded(edit(client, task_type="white-balance", input_image=encoded(cut_out), width=256)["image"])
    values = np.asarray(made)
    edge = values[(values[..., 3] > 60) & (values[..., 3] < 200)]

    assert len(edge) > 20
    inner = values[128, 128, :3].astype(int)
    assert np.abs(edge[:, :3].astype(int) - inner).max() < 25


def test_an_editing_model_paints_nothing_from_words(client: httpx2.Client) -> None:
    response = client.post(
        "/image-generation/generate/", json={"prompt": "a cat", "model": "qwen-image-edit"}
    )

    assert response.status_code in {400, 503}
    assert response.json()["code"] in {"invalid", "model_missing"}
