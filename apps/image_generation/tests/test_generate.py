"""Text to image over HTTP, with the starter model, on a real server."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from core.jobs.tests.studio import Studio, wait_until

GENERATE = "/image-generation/generate/"


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def ask(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    response = client.post(GENERATE, json=fields)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def picture(encoded: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    image.load()
    return image


def colours(image: Image.Image) -> np.ndarray[Any, Any]:
    return np.asarray(image.convert("RGB"), dtype=float)


def test_a_prompt_alone_is_enough(client: httpx2.Client) -> None:
    answer = ask(client, prompt="sunset over mountains")

    assert answer["success"] is True
    assert answer["model_used"] == "starter"
    assert answer["generation_time"] > 0
    assert picture(answer["image_bytes"]).size == (256, 256)
    assert answer["metadata"]["licence"] == "Apache-2.0"
    assert answer["parameters_used"] == {
        "prompt": "sunset over mountains",
        "negative_prompt": "",
        "width": 256,
        "height": 256,
        "num_inference_steps": 15,
        "guidance_scale": 3.0,
        "seed": answer["images"][0]["seed"],
        "num_images": 1,
        "model": "starter",
        "scheduler": "DPMSolverMultistepScheduler",
        "output_format": "png",
    }


def test_pictures_show_the_setting_and_the_colour_of_their_prompt(client: httpx2.Client) -> None:
    def show(prompt: str) -> np.ndarray[Any, Any]:
        return colours(picture(ask(client, prompt=prompt, seed=1)["image_bytes"]))

    sunset, night = show("sunset over mountains"), show("starry night over a lake")
    red, blue = show("a red ball on a white background"), show("a blue ball on a white background")
    centre, corner = (slice(110, 150), slice(110, 150)), (slice(0, 20), slice(0, 20))

    assert sunset[40:90, :, 0].mean() > sunset[40:90, :, 2].mean() + 20, "a sunset sky is warm"
    assert night.mean() < 90, "a night is dark"
    assert red[centre][..., 0].mean() > red[centre][..., 2].mean() + 60
    assert blue[centre][..., 2].mean() > blue[centre][..., 0].mean() + 40
    assert red[corner].mean() > 200
    assert blue[corner].mean() > 200


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(client: httpx2.Client) -> None:
    first, again, other = (ask(client, prompt="a red heart", seed=seed)["image_bytes"] for seed in (7, 7, 8))

    assert first == again
    assert first != other


def test_a_random_seed_is_told_and_repeats_the_picture(client: httpx2.Client) -> None:
    drawn = ask(client, prompt="a red heart", seed=-1)

    assert (
        ask(client, prompt="a red heart", seed=drawn["images"][0]["seed"])["image_bytes"]
        == drawn["image_bytes"]
    )


def test_several_pictures_are_those_of_the_following_seeds(client: httpx2.Client) -> None:
    several = ask(
        client, prompt="a blue fish", seed=5, num_images=2, num_inference_steps=4, deterministic=True
    )
    alone = ask(client, prompt="a blue fish", seed=6, num_inference_steps=4)

    assert [image["seed"] for image in several["images"]] == [5, 6]
    assert several["image_bytes"] == several["images"][0]["image_bytes"]
    assert several["images"][1]["image_bytes"] == alone["image_bytes"]
    assert not several["metadata"]["batched"]


def test_several_pictures_are_painted_together_and_look_the_same(client: httpx2.Client) -> None:
    body = {"prompt": "a blue fish", "seed": 5, "num_images": 3, "num_inference_steps": 4}
    together, apart = ask(client, **body), ask(client, **body, deterministic=True)

    assert together["metadata"]["batched"]
    for one, other in zip(together["images"], apart["images"], strict=True):
        difference = np.abs(colours(picture(one["image_bytes"])) - colours(picture(other["image_bytes"])))
        assert difference.max() <= 1
        assert (difference > 0).mean() <= 0.001


def test_an_image_is_answered_where_one_is_accepted(client: httpx2.Client) -> None:
    body = {"prompt": "một con mèo cam", "negative_prompt": "blurry", "seed": 3, "num_inference_steps": 4}
    response = client.post(GENERATE, json=body, headers={"Accept": "image/png"})
    image = Image.open(io.BytesIO(response.content))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/png"
    assert (response.headers["X-Model"], response.headers["X-Seed"]) == ("starter", "3")
    assert response.headers["X-Job-Id"]
    assert response.headers["X-Request-Id"]
    assert image.text["parameters"].startswith("một con mèo cam\nNegative prompt: blurry\nSteps: 4, ")  # type: ignore[attr-defined]
    assert "Seed: 3, Size: 256x256, Model: starter" in image.text["parameters"]  # type: ignore[attr-defined]
    assert json.loads(image.text["studio"])["seed"] == 3  # type: ignore[attr-defined]
    assert "trainedAlgorithmicMedia" in str(image.info)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_other_formats_by_field_and_by_accept(client: httpx2.Client, kind: str) -> None:
    body = {"prompt": "a red heart", "seed": 3, "num_inference_steps": 4}
    by_field = picture(ask(client, **body, output_format=kind)["image_bytes"])
    by_accept = Image.open(
        io.BytesIO(client.post(GENERATE, json=body, headers={"Accept": f"image/{kind}"}).content)
    )

    assert by_field.format == by_accept.format == kind.upper()
    assert np.array_equal(colours(by_field), colours(by_accept))


def test_urls_instead_of_base64(client: httpx2.Client) -> None:
    body = {"prompt": "a red heart", "seed": 3, "num_inference_steps": 4}
    url = ask(client, **body, response_format="url")["image_bytes"]

    assert client.get(url).content == base64.b64decode(ask(client, **body)["image_bytes"])


def test_a_picture_can_be_deleted_as_soon_as_its_call_is_answered(client: httpx2.Client) -> None:
    url = ask(client, prompt="an apple to delete", num_inference_steps=1, response_format="url")[
        "image_bytes"
    ]
    picture = url.removesuffix("content/")

    assert client.delete(picture).status_code == 204
    assert client.get(picture).status_code == 404


@pytest.mark.parametrize(("width", "height", "painted"), [(512, 512, [256, 256]), (512, 256, [360, 184])])
def test_a_size_the_model_cannot_paint_is_painted_at_its_own_and_resized(
    client: httpx2.Client, width: int, height: int, painted: list[int]
) -> None:
    answer = ask(client, prompt="a red ball", width=width, height=height, num_inference_steps=4)

    assert picture(answer["image_bytes"]).size == (width, height)
    assert answer["metadata"]["painted_size"] == painted


def test_a_scheduler_may_be_called_by_its_title(client: httpx2.Client) -> None:
    body = {"prompt": "a red heart", "seed": 3, "num_inference_steps": 3}
    by_title, by_name = (ask(client, **body, scheduler=said) for said in ("Euler A", "euler-a"))

    assert by_title["image_bytes"] == by_name["image_bytes"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("model", "stabilityai/sdxl-turbo", "There is no model 'stabilityai/sdxl-turbo'. Known: "),
        ("scheduler", "magic", '"magic" is not one of: ddim, '),
        ("loras", [{"name": "../rings"}], "A LoRA's name has letters, digits, '.', '_' and '-'."),
    ],
)
def test_a_wrong_name_is_told_what_would_be_right(
    client: httpx2.Client, field: str, value: Any, says: str
) -> None:
    response = client.post("/image-generation/generate/", json={"prompt": "a red heart", field: value})

    assert response.status_code == 400
    assert says in response.json()["detail"]


def test_quality_is_that_of_the_file(client: httpx2.Client) -> None:
    body = {"prompt": "a red heart", "seed": 3, "num_inference_steps": 1, "output_format": "jpeg"}

    sizes = [
        len(ask(client, **body, **said)["image_bytes"]) for said in ({"quality": 10}, {}, {"quality": 100})
    ]

    assert sizes == sorted(set(sizes))


def test_every_scheduler_of_its_kind_paints_and_the_others_are_refused(client: httpx2.Client) -> None:
    names = [scheduler["name"] for scheduler in client.get("/image-generation/schedulers/").json()]
    pictures = set()
    for name in names:
        body = {"prompt": "a red heart", "seed": 1, "num_inference_steps": 3, "scheduler": name}
        response = client.post(GENERATE, json=body)
        if name.startswith("flow"):
            assert response.status_code == 400
            assert "scheduler" in response.json()["errors"]
        else:
            assert response.status_code == 200, (name, response.text)
            pictures.add(response.json()["image_bytes"])

    assert len(pictures) > 8, "schedulers differ"


def test_lcm_takes_more_steps_than_it_is_distilled_for(client: httpx2.Client) -> None:
    body = {"prompt": "a red heart", "scheduler": "lcm", "num_inference_steps": 51}
    assert client.post(GENERATE, json=body).status_code == 200


def test_a_form_is_as_good_as_json(client: httpx2.Client) -> None:
    fields = {"prompt": "a red heart", "seed": "3", "num_inference_steps": "4"}
    by_form = client.post(GENERATE, files={name: (None, value) for name, value in fields.items()})

    assert by_form.status_code == 200, by_form.text
    assert (
        by_form.json()["image_bytes"]
        == ask(client, prompt="a red heart", seed=3, num_inference_steps=4)["image_bytes"]
    )


def test_a_synchronous_call_leaves_nothing_behind(client: httpx2.Client, studio: Studio) -> None:
    def files() -> set[str]:
        return {str(path) for path in (studio.root / "media").rglob("*") if path.is_file()}

    before = files()
    ask(client, prompt="a lonely cactus nobody else asks for", num_inference_steps=2)

    wait_until(lambda: files() <= before)


def test_an_idempotency_key_replays_the_answer(client: httpx2.Client) -> None:
    body = {"prompt": "a red heart", "num_inference_steps": 2}
    headers = {"Idempotency-Key": "the-same-order"}
    first, again = (client.post(GENERATE, json=body, headers=headers) for _ in range(2))
    other = client.post(GENERATE, json={**body, "prompt": "a dog"}, headers=headers)

    assert first.status_code == again.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content, "though the seed was random"
    assert other.status_code == 422


LONG = "x" * 2001


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "   "}, "prompt"),
        ({"prompt": LONG}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": ["a cat"]}, "prompt"),
        ({"prompt": "a\u0000cat"}, "prompt"),
        ({"prompt": "a cat", "negative_prompt": LONG}, "negative_prompt"),
        ({"prompt": "a cat", "width": 127}, "width"),
        ({"prompt": "a cat", "width": 2049}, "width"),
        ({"prompt": "a cat", "height": -1}, "height"),
        ({"prompt": "a cat", "height": "tall"}, "height"),
        ({"prompt": "a cat", "height": True}, "height"),
        ({"prompt": "a cat", "width": 256.5}, "width"),
        ({"prompt": "a cat", "num_inference_steps": 0}, "num_inference_steps"),
        ({"prompt": "a cat", "num_inference_steps": 101}, "num_inference_steps"),
        ({"prompt": "a cat", "guidance_scale": 20.5}, "guidance_scale"),
        ({"prompt": "a cat", "guidance_scale": "nan"}, "guidance_scale"),
        ({"prompt": "a cat", "guidance_scale": {}}, "guidance_scale"),
        ({"prompt": "a cat", "seed": -2}, "seed"),
        ({"prompt": "a cat", "seed": 2**32}, "seed"),
        ({"prompt": "a cat", "num_images": 9}, "num_images"),
        ({"prompt": "a cat", "model": "no-such-model"}, "model"),
        ({"prompt": "a cat", "model": "../../etc/passwd"}, "model"),
        ({"prompt": "a cat", "scheduler": "magic"}, "scheduler"),
        ({"prompt": "a cat", "output_format": "gif"}, "output_format"),
        ({"prompt": "a cat", "widht": 256}, "widht"),
        ({"prompt": "a cat", "previews": "perhaps"}, "previews"),
    ],
)
@pytest.mark.parametrize("path", [GENERATE, "/image-generation/generate/async/"])
def test_bad_fields_are_named(client: httpx2.Client, path: str, body: dict[str, Any], field: str) -> None:
    response = client.post(path, json=body)
    answer = response.json()

    assert response.status_code == 400
    assert list(answer["errors"]) == [field]
    assert set(answer) == {"detail", "code", "errors", "request_id"}
    assert answer["request_id"] == response.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'["prompt"]',
        b'"a cat"',
        b"null",
        b"5",
        b'{"prompt": "a cat", "seed": NaN}',
        b"\xff",
    ],
)
def test_bodies_that_are_no_object(client: httpx2.Client, body: bytes) -> None:
    response = client.post(GENERATE, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert {"detail", "code", "request_id"} <= set(response.json())


def test_one_picture_has_no_room_for_several(client: httpx2.Client) -> None:
    response = client.post(
        GENERATE, json={"prompt": "a cat", "num_images": 2}, headers={"Accept": "image/png"}
    )

    assert response.status_code == 400
    assert "one picture" in response.json()["detail"]


def test_the_model_may_be_left_to_the_studio(client: httpx2.Client) -> None:
    assert ask(client, prompt="a cat", model="auto", num_inference_steps=1)["model_used"] == "starter"


def test_a_model_with_a_closed_licence_or_without_files_says_what_to_do(client: httpx2.Client) -> None:
    closed = client.post(GENERATE, json={"prompt": "a cat", "model": "sdxl-turbo"})
    absent = client.post(GENERATE, json={"prompt": "a cat", "model": "sdxl-base"})

    assert (closed.status_code, closed.json()["code"]) == (403, "licence_not_accepted")
    assert "STUDIO_ACCEPT_LICENCES" in closed.json()["detail"]
    assert (absent.status_code, absent.json()["code"]) == (503, "model_missing")
    assert "models pull sdxl-base" in absent.json()["detail"]


def test_a_hundred_megabytes_are_refused_before_they_are_read(client: httpx2.Client) -> None:
    response = client.post(GENERATE, content=b" " * 100_000_000, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_chunked_body_needs_a_length(client: httpx2.Client) -> None:
    response = client.post(
        GENERATE, content=iter([b'{"prompt": ', b'"a cat"}']), headers={"Content-Type": "application/json"}
    )

    assert (response.status_code, response.json()["code"]) == (411, "length_required")
