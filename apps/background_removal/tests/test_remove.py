"""Cut-outs over HTTP: what comes back, pixel by pixel."""

import base64
import io
import json
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.background_removal.tests.networks import IDS
from apps.background_removal.tests.pictures import (
    BEHIND,
    BOX,
    SUBJECT,
    decoded,
    encoded,
    file_of,
    inside,
    outside,
    pixels,
    scene,
)
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.jobs.tests.studio import wait_until

REMOVE = "/background-removal/remove/"


def remove(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    response = client.post(REMOVE, json={"image": encoded(scene()), "model": "u2netp", **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def result(client: httpx2.Client, **fields: Any) -> Image.Image:
    return decoded(remove(client, **fields)["image_bytes"])


@pytest.mark.parametrize("model", [*IDS, "grabcut"])
def test_every_engine_keeps_the_subject_and_removes_the_rest(client: httpx2.Client, model: str) -> None:
    answer = remove(client, model=model)
    cutout, mask = decoded(answer["image_bytes"]), decoded(answer["mask_bytes"])

    assert (cutout.mode, cutout.size) == ("RGBA", scene().size)
    assert (inside(pixels(cutout)) == (*SUBJECT, 255)).all()
    assert (outside(pixels(cutout)) == 0).all()  # nothing is left of what was removed
    assert mask.mode == "L"
    assert np.array_equal(pixels(mask), pixels(cutout)[..., 3])
    assert answer["success"] is True
    assert answer["model_used"] == model
    assert answer["processing_time"] > 0
    left, top, right, bottom = answer["metadata"]["subject_box"]
    assert np.abs(np.array([left, top, right, bottom]) - BOX).max() <= 3


def test_the_same_picture_gives_the_same_bytes(client: httpx2.Client) -> None:
    for model in ("u2netp", "grabcut"):
        assert remove(client, model=model)["image_bytes"] == remove(client, model=model)["image_bytes"]


def test_auto_is_the_best_that_is_installed(client: httpx2.Client) -> None:
    assert remove(client, model="auto")["model_used"] == "birefnet-general-lite"


def test_only_the_mask(client: httpx2.Client) -> None:
    answer = remove(client, only_mask=True)
    mask = decoded(answer["image_bytes"])
    assert mask.mode == "L"
    assert (inside(pixels(mask)) == 255).all()
    assert (outside(pixels(mask)) == 0).all()
    assert answer["mask_bytes"] == answer["image_bytes"]


@pytest.mark.parametrize(
    ("background", "colour"),
    [("#ff8000", (255, 128, 0)), ("#F80", (255, 136, 0)), ("teal", (0, 128, 128))],
)
def test_a_colour_behind_it(client: httpx2.Client, background: str, colour: tuple[int, ...]) -> None:
    made = result(client, background=background)
    assert made.mode == "RGB"
    assert (inside(pixels(made)) == SUBJECT).all()
    assert (outside(pixels(made)) == colour).all()


def test_another_picture_behind_it_fills_the_frame(client: httpx2.Client) -> None:
    halves = Image.new("RGB", (300, 100), (0, 200, 0))
    halves.paste((200, 0, 0), (150, 0, 300, 100))
    uploaded = client.post("/images/", files={"file": ("b.png", file_of(halves))}).json()["image_id"]
    for background in ({"background": encoded(halves)}, {"background_id": uploaded}):
        made = pixels(result(client, **background))
        assert (inside(made) == SUBJECT).all()
        assert (made[:10, :45] == (0, 200, 0)).all()
        assert (made[:10, 51:] == (200, 0, 0)).all()


def test_its_own_background_out_of_focus(client: httpx2.Client) -> None:
    noisy = pixels(scene())
    noise = np.random.default_rng(0).integers(-20, 20, noisy.shape)
    noise[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 0
    photo = Image.fromarray((noisy + noise).clip(0, 255).astype(np.uint8))
    made = pixels(result(client, image=encoded(photo), background="blur"))
    assert (inside(made) == SUBJECT).all()
    assert outside(made).std(axis=0).max() < outside(pixels(photo)).std(axis=0).min() / 3
    assert np.abs(outside(made).mean(axis=0) - BEHIND).max() < 4  # the subject does not bleed into it


def test_crop_to_the_subject(client: httpx2.Client) -> None:
    answer = remove(client, crop_to_subject=True)
    cutout, mask = decoded(answer["image_bytes"]), decoded(answer["mask_bytes"])
    left, top, right, bottom = answer["metadata"]["subject_box"]
    assert cutout.size == mask.size == (right - left, bottom - top)
    assert np.abs(np.array(cutout.size) - (BOX[2] - BOX[0], BOX[3] - BOX[1])).max() <= 6
    assert (pixels(cutout)[5:-5, 5:-5] == (*SUBJECT, 255)).all()


def test_where_nothing_stands_out_nothing_is_left(client: httpx2.Client) -> None:
    for model in ("u2netp", "grabcut"):
        answer = remove(
            client, model=model, image=encoded(Image.new("RGB", (64, 64), "grey")), crop_to_subject=True
        )
        cutout = decoded(answer["image_bytes"])
        assert answer["metadata"]["subject_box"] is None
        assert cutout.size == (64, 64)
        assert (pixels(cutout)[..., 3] == 0).all()


def test_alpha_matting_softens_the_edge_alone(client: httpx2.Client) -> None:
    # An edge that fades over eight pixels, which the mask cannot know: it is as sharp as the network says.
    ramp = np.clip((np.arange(96) - 44) / 8, 0, 1)[None, :, None]
    photo = Image.fromarray(
        (np.array(SUBJECT) * ramp + np.array(BEHIND) * (1 - ramp)).repeat(64, 0).astype(np.uint8)
    )
    answer = remove(client, image=encoded(photo), alpha_matting=True)
    alpha = pixels(decoded(answer["image_bytes"]))[32, :, 3]
    assert answer["metadata"]["alpha_matting"] is True
    assert (alpha[:40] == 0).all()
    assert (alpha[56:] == 255).all()
    assert np.abs(alpha - 255 * ramp[0, :, 0]).max() < 40
    assert len(set(alpha[44:52])) > 4
    colours = pixels(decoded(answer["image_bytes"]))[32, 47:52, :3]
    assert np.abs(colours - SUBJECT).max() < 40  # where the dark ground shone through


def test_alpha_matting_that_cannot_be_done_says_so(client: httpx2.Client) -> None:
    answer = remove(client, image=encoded(Image.new("RGB", (64, 64), "grey")), alpha_matting=True)
    assert answer["metadata"]["alpha_matting"] is False


def test_what_was_transparent_stays_so(client: httpx2.Client) -> None:
    photo = scene().convert("RGBA")
    photo.paste((0, 0, 0, 0), (24, 16, 48, 48))
    alpha = pixels(result(client, image=encoded(photo)))[..., 3]
    assert (alpha[20:44, 28:44] == 0).all()
    assert (alpha[20:44, 52:68] == 255).all()


@pytest.mark.parametrize(("output_format", "kind"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_formats(client: httpx2.Client, output_format: str, kind: str) -> None:
    made = result(client, output_format=output_format)
    assert made.format == kind
    ground = made.convert("RGBA").getpixel((5, 5))
    assert ground[:3] == (255, 255, 255) if kind == "JPEG" else ground[3] == 0


def test_the_picture_says_what_was_done_to_it(client: httpx2.Client) -> None:
    made = result(client, background="#ffffff")
    said = json.loads(made.info["studio"])
    assert said["model"] == "u2netp"
    assert said["operation"] == "background_removal.remove"
    assert said["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize(
    ("model", "photo", "picture"),
    [
        ("grabcut", "humanEdits", "trainedAlgorithmicMedia"),
        ("u2netp", "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"),
    ],
)
def test_it_says_whether_a_trained_model_took_part(
    client: httpx2.Client, model: str, photo: str, picture: str
) -> None:
    generated = base64.b64encode(encode(scene(), "png", provenance=Provenance(prompt="a square"))).decode()
    sent = (encoded(scene()), generated)
    said = [json.loads(result(client, model=model, image=image).info["studio"]) for image in sent]
    assert [each["digital_source_type"] for each in said] == [photo, picture]


def test_the_bytes_alone(client: httpx2.Client) -> None:
    response = client.post(
        REMOVE, json={"image": encoded(scene()), "model": "u2net"}, headers={"Accept": "image/webp"}
    )
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["X-Model"] == "u2net"
    assert decoded(response.content).format == "WEBP"


def test_links_instead_of_bytes(client: httpx2.Client) -> None:
    answer = remove(client, response_format="url")
    assert decoded(client.get(answer["image_bytes"]).content).mode == "RGBA"
    assert decoded(client.get(answer["mask_bytes"]).content).mode == "L"


def test_a_form_does_as_well(client: httpx2.Client) -> None:
    response = client.post(
        REMOVE,
        files={"image": ("photo.png", file_of(scene()))},
        data={"model": "u2netp", "only_mask": "true"},
    )
    assert response.status_code == 200, response.text
    assert decoded(response.json()["image_bytes"]).mode == "L"


def test_the_async_twin(client: httpx2.Client) -> None:
    asked = {"image": encoded(scene()), "model": "u2netp", "background": "#00ff00"}
    job = client.post(f"{REMOVE}async/", json=asked).json()
    assert job["kind"] == "background_removal.remove"
    wait_until(lambda: client.get(f"/jobs/{job['task_id']}/").json()["status"] == "done")
    finished = client.get(f"/jobs/{job['task_id']}/result/").json()
    picture, mask = (decoded(image["image"]) for image in finished["images"])
    assert (outside(pixels(picture)) == (0, 255, 0)).all()
    assert (inside(pixels(mask)) == 255).all()
    assert finished["metadata"]["model"] == "u2netp"
    assert finished["metadata"]["history_id"]


def test_a_queued_job_is_cancelled(client: httpx2.Client) -> None:
    # Both slots are busy with large pictures while the third waits.
    large = encoded(scene((3000, 2000)), "JPEG")
    jobs = [
        client.post(
            f"{REMOVE}async/", json={"image": large, "model": "grabcut", "alpha_matting": True}
        ).json()
        for _ in range(4)
    ]
    answers = [client.post(f"/jobs/{job['task_id']}/cancel/").json() for job in reversed(jobs)]
    assert answers[0]["success"] is True
    ended = wait_until(
        lambda: (
            (now := [client.get(f"/jobs/{job['task_id']}/").json()["status"] for job in jobs])
            and set(now) <= {"done", "cancelled"}
            and now
        )
    )
    assert ended[-1] == "cancelled"
    history = client.get("/background-removal/history/", params={"limit": 100}).json()["results"]
    assert jobs[-1]["task_id"] not in json.dumps(history)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"image": None}, "image"),
        ({"image": ""}, "image"),
        ({"image": "not a picture"}, "image"),
        ({"image": encoded(scene())[:200]}, "image"),
        ({"image_id": "00000000-0000-4000-8000-000000000000"}, "image_id"),
        ({"model": "starter"}, "model"),
        ({"model": "nope"}, "model"),
        ({"model": "bria-rmbg"}, "model"),
        ({"model": "../u2net"}, "model"),
        ({"alpha_matting": "perhaps"}, "alpha_matting"),
        ({"background": "#12345"}, "background"),
        ({"background": "nice"}, "background"),
        ({"background": "#ffffff", "only_mask": True}, "background"),
        ({"background": "#ffffff", "background_id": "00000000-0000-4000-8000-000000000000"}, "background_id"),
        ({"output_format": "gif"}, "output_format"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused(client: httpx2.Client, fields: dict[str, Any], field: str) -> None:
    asked = {"image": encoded(scene()), **fields}
    response = client.post(REMOVE, json={name: value for name, value in asked.items() if value is not None})
    assert response.status_code == 400, response.text
    assert list(response.json()["errors"]) == [field]


def test_two_pictures_where_one_is_meant(client: httpx2.Client) -> None:
    image_id = client.post("/images/", json={"image": encoded(scene())}).json()["image_id"]
    response = client.post(REMOVE, json={"image": encoded(scene()), "image_id": image_id})
    assert response.status_code == 400
    assert "not both" in response.json()["detail"]


def test_a_picture_of_somebody_else(client: httpx2.Client, somebody_else: httpx2.Client) -> None:
    image_id = somebody_else.post("/images/", json={"image": encoded(scene())}).json()["image_id"]
    for fields in ({"image_id": image_id}, {"image": encoded(scene()), "background_id": image_id}):
        assert client.post(REMOVE, json=fields).status_code == 400


def test_more_pixels_than_are_allowed(client: httpx2.Client) -> None:
    huge = io.BytesIO()
    Image.new("1", (10_000, 5_001)).save(huge, "PNG")
    response = client.post(REMOVE, files={"image": ("huge.png", huge.getvalue())})
    assert response.status_code == 413
    assert response.json()["code"] == "too_many_pixels"


@pytest.mark.parametrize("model", ["u2netp", "grabcut"])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 3), (2000, 2)])
def test_odd_sizes(client: httpx2.Client, model: str, size: tuple[int, int]) -> None:
    photo = encoded(Image.effect_noise(size, 90).convert("RGB"))
    for options in ({"alpha_matting": True}, {"background": "blur"}, {"crop_to_subject": True}):
        made = result(client, image=photo, model=model, **options)
        assert made.size == size or "crop_to_subject" in options


def test_a_model_that_is_not_installed(client: httpx2.Client) -> None:
    response = client.post(REMOVE, json={"image": encoded(scene()), "model": "birefnet-general"})
    assert response.status_code == 503
    assert "manage.py models pull birefnet-general" in response.json()["detail"]


def test_a_model_whose_licence_nobody_knows(client: httpx2.Client) -> None:
    response = client.post(REMOVE, json={"image": encoded(scene()), "model": "silueta"})
    assert response.status_code == 403
    assert response.json()["code"] == "licence_not_accepted"
