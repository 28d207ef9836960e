"""Chat over HTTP on a real server: sentences become pictures of the starter model."""

import base64
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from core.images.tests.pictures import corners, file_of
from core.jobs.tests.studio import Studio, events, wait_until

CHAT = "/ai-gateway/chat/"


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def say(client: httpx2.Client, message: str, **fields: Any) -> dict[str, Any]:
    response = client.post(CHAT, json={"message": message, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def picture(answer: dict[str, Any], index: int = -1) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(answer["images"][index]["image_bytes"])))
    image.load()
    return image


def intents(answer: dict[str, Any]) -> list[str]:
    return [step["intent"] for step in answer["plan"]]


def encoded(image: Image.Image) -> str:
    return base64.b64encode(file_of(image)).decode()


def test_a_cat_without_its_background(client: httpx2.Client) -> None:
    answer = say(client, "Generate a cute orange cat and remove the background")

    assert answer["success"] is True
    assert intents(answer) == ["generate", "remove_background"]
    assert [step["service"] for step in answer["plan"]] == [
        "image_generation.generate",
        "background_removal.remove",
    ]
    assert "cute orange cat" in answer["plan"][0]["parameters"]["prompt"]
    assert answer["plan"][0]["parameters"]["negative_prompt"], "the prompt was refined"
    assert (answer["language"], answer["needs"]) == ("en", [])
    painted, cut_out = picture(answer, 0), picture(answer, -1)
    assert painted.size == cut_out.size == (256, 256)
    assert cut_out.mode == "RGBA"
    opacity = np.asarray(cut_out)[..., 3]
    assert (opacity < 128).mean() > 0.05, "some of it is background"
    assert (opacity > 128).mean() > 0.05, "some of it is cat"


def test_a_sunset_in_vietnamese_then_a_follow_up(client: httpx2.Client) -> None:
    answer = say(client, "vẽ hoàng hôn trên núi rồi xoá phông nền")
    wider = say(client, "make it 1024 wide", session_id=answer["session_id"])

    assert intents(answer) == ["generate", "remove_background"]
    assert answer["language"] == "vi"
    assert "nền" in answer["response"]
    assert picture(answer).mode == "RGBA"
    assert intents(wider) == ["resize"]
    assert picture(wider).size == (1024, 1024)
    assert wider["language"] == "en"
    assert wider["session_id"] == answer["session_id"]


def test_a_background_is_removed_only_from_a_picture(client: httpx2.Client) -> None:
    asked = say(client, "tách nền ảnh này")
    given = say(client, "tách nền ảnh này", image=encoded(corners(64, 48)))

    assert asked["success"] is False
    assert (asked["intent"], asked["needs"], asked["images"]) == ("remove_background", ["image"], [])
    assert "image" in asked["response"]
    assert given["success"] is True
    assert picture(given).size == (64, 48)


def test_what_was_missing_is_brought_later(client: httpx2.Client) -> None:
    asked = say(client, "rotate it and make it black and white")
    turned = say(client, "90 degrees", session_id=asked["session_id"], image=encoded(corners(64, 32)))

    assert asked["needs"] == ["image", "angle"]
    assert intents(turned) == ["rotate", "adjust"]
    shown = picture(turned)
    assert shown.size == (32, 64)
    channels = np.asarray(shown.convert("RGB"), dtype=int)
    assert np.abs(channels[..., 0] - channels[..., 2]).max() <= 2, "it has no colours"


def test_every_one_of_several_pictures_goes_through_the_next_steps(client: httpx2.Client) -> None:
    answer = say(client, "draw 2 pictures of a red heart, then crop them to 2:1 and flip them horizontally")

    assert intents(answer) == ["generate", "crop", "flip"]
    assert answer["plan"][0]["parameters"]["num_images"] == 2
    assert [image["image_id"] for image in answer["images"]] == list(
        dict.fromkeys(image["image_id"] for image in answer["images"])
    )
    assert [picture(answer, index).size for index in range(6)] == [(256, 256)] * 2 + [(256, 128)] * 4
    for before, after in ((2, 4), (3, 5)):
        mirrored = np.asarray(picture(answer, before))[:, ::-1]
        assert np.array_equal(np.asarray(picture(answer, after)), mirrored)


def test_a_mask_is_for_the_steps_behind_it(client: httpx2.Client) -> None:
    photo = Image.new("RGB", (96, 96), (240, 240, 240))
    photo.paste((200, 30, 30), (30, 30, 66, 66))
    masked = say(client, "create a mask of the subject", image=encoded(photo))
    cut_out = say(client, "now extract the object", session_id=masked["session_id"])

    assert intents(masked) == ["mask"]
    assert intents(cut_out) == ["extract_object"]
    assert cut_out["success"], cut_out
    opacity = np.asarray(picture(cut_out))[..., 3]
    assert opacity[48, 48] > 200
    assert opacity[4, 4] < 50


def test_a_new_background_is_a_colour_or_a_scene(client: httpx2.Client) -> None:
    photo = Image.new("RGB", (96, 96), (20, 90, 20))
    photo.paste((230, 200, 30), (30, 30, 66, 66))
    red = say(client, "đổi nền thành màu đỏ", image=encoded(photo))
    beach = say(client, "replace the background with a beach", image=encoded(photo))

    assert red["plan"][0]["parameters"] == {"background": "#ff0000"}
    corner = picture(red).convert("RGB").getpixel((3, 3))
    assert corner[0] > 200 > 60 > corner[1]  # type: ignore[index,operator]
    assert intents(beach) == ["replace_background"]
    assert len(beach["images"]) == 2, "the beach, and the picture on it"
    assert picture(beach).size == (96, 96)


def test_a_reference_picture_is_for_the_message_it_came_with(client: httpx2.Client) -> None:
    photo = Image.new("RGB", (96, 96), (20, 90, 20))
    photo.paste((230, 200, 30), (30, 30, 66, 66))
    blue = encoded(Image.new("RGB", (96, 96), (10, 20, 250)))
    first = say(client, "replace the background", image=encoded(photo), reference_image=blue)
    later = say(client, "now make the background red", session_id=first["session_id"])
    without = say(client, "change the background", session_id=first["session_id"])

    assert picture(first).convert("RGB").getpixel((3, 3))[2] > 200  # type: ignore[index,operator]
    assert picture(later).convert("RGB").getpixel((3, 3))[0] > 200  # type: ignore[index,operator]
    assert without["needs"] == ["background"]


def test_a_prompt_is_refined_and_nothing_painted(client: httpx2.Client) -> None:
    answer = say(client, "improve this prompt: a cat on a sofa")

    assert (answer["intent"], answer["images"]) == ("refine_prompt", [])
    assert "a cat on a sofa" in answer["response"]
    assert len(answer["response"]) > len("Here is a better prompt: a cat on a sofa") + 10


def test_a_dataset_is_made_and_can_be_fetched(client: httpx2.Client) -> None:
    answer = say(client, "make a dataset of 3 red hearts")

    assert answer["plan"][0]["parameters"] == {"class_label": "red hearts", "output_size": 3}
    link = answer["response"].split(" at ")[1].rstrip(".")
    archive = zipfile.ZipFile(io.BytesIO(client.get(link.removeprefix("/api/v1")).content))
    assert sum(name.endswith(".png") for name in archive.namelist()) == 3


def test_a_large_dataset_is_a_job_at_once(client: httpx2.Client) -> None:
    response = client.post(CHAT, json={"message": "tạo bộ dữ liệu 100 ảnh mèo"})
    answer = response.json()

    assert response.status_code == 202
    assert answer["plan"][0]["parameters"] == {"class_label": "mèo", "output_size": 100}
    made = wait_until(
        lambda: [each for each in client.get("/datasets/").json() if each["class_label"] == "mèo"]
    )
    busy = client.delete(f"/datasets/{made[0]['id']}/")
    assert (busy.status_code, busy.json()["code"]) == (409, "in_use")
    assert client.post(answer["job"]["links"]["cancel"]).json()["success"]


def test_a_streamed_plan_is_one_job(client: httpx2.Client) -> None:
    response = client.post(
        CHAT, json={"message": "draw a blue fish and resize it to 128x128", "stream": True}
    )
    answer = response.json()
    seen = list(events(client, answer["job"]["links"]["stream"]))
    names = [name for _, name, _ in seen]
    progress = [data["progress"] for _, name, data in seen if name == "progress" and data.get("total_steps")]
    later = say(client, "rotate it 90 degrees", session_id=answer["session_id"])

    assert response.status_code == 202
    assert (answer["success"], intents(answer), answer["images"]) == (True, ["generate", "resize"], [])
    assert answer["job"]["kind"] == "ai_gateway.run_plan"
    assert names[0] == "accepted"
    assert names[-1] == "done"
    assert names.count("image") == 2
    assert progress == sorted(progress)
    assert progress[0] < 0.5 < progress[-1]
    result = client.get(answer["job"]["links"]["result"]).json()
    assert result["metadata"]["result_image_id"] == result["images"][-1]["image_id"]
    assert picture(later).size == (128, 128)


def test_a_session_waits_for_its_job(client: httpx2.Client) -> None:
    answer = client.post(CHAT, json={"message": "draw 8 pictures of a castle", "stream": True}).json()
    early = client.post(CHAT, json={"message": "make it brighter", "session_id": answer["session_id"]})
    asked = say(client, "what can you do?", session_id=answer["session_id"])
    cancelled = client.post(answer["job"]["links"]["cancel"])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        after = client.post(CHAT, json={"message": "make it brighter", "session_id": answer["session_id"]})
        if after.status_code == 200:
            break
        time.sleep(0.1)

    assert (early.status_code, early.json()["code"]) == (409, "session_busy")
    assert asked["intent"] == "help", "a question need not wait"
    assert cancelled.json()["success"]
    assert after.json()["needs"] == ["image"], "a cancelled job leaves no picture"


def test_a_session_that_is_deleted_while_its_message_is_at_work_stays_deleted(client: httpx2.Client) -> None:
    path = "/ai-gateway/sessions/unwanted/"
    with ThreadPoolExecutor() as pool:
        at_work = pool.submit(say, client, "draw 2 pictures of a castle", session_id="unwanted")
        wait_until(lambda: client.get(path).status_code == 200)
        deleted = client.delete(path)
        begun_anew = say(client, "hello", session_id="unwanted")
        answer = at_work.result()

    assert deleted.status_code == 204
    assert (answer["success"], len(answer["images"])) == (True, 2), "its caller still gets the answer"
    assert begun_anew["intent"] == "unknown"
    assert [turn["message"] for turn in client.get(path).json()["turns"]] == ["hello"]


def test_two_messages_at_once_are_both_remembered(client: httpx2.Client) -> None:
    path = "/ai-gateway/sessions/busy/"
    with ThreadPoolExecutor() as pool:
        at_work = pool.submit(say, client, "draw 2 pictures of a castle", session_id="busy")
        wait_until(lambda: client.get(path).status_code == 200)
        say(client, "remove the car", session_id="busy", image=encoded(corners(64, 48)))
        drawn = at_work.result()
    session = client.get(path).json()

    assert [turn["message"] for turn in session["turns"]] == ["remove the car", "draw 2 pictures of a castle"]
    assert session["pictures"]["image"] == drawn["images"][-1]["image_id"], "the last that was made"


def test_urls_instead_of_base64(client: httpx2.Client) -> None:
    answer = say(client, "draw a red heart", response_format="url")

    content = client.get(answer["images"][0]["image_bytes"]).content
    assert Image.open(io.BytesIO(content)).size == (256, 256)


def test_a_step_that_cannot_be_done_says_why(client: httpx2.Client) -> None:
    image = encoded(corners(64, 48))
    mask = encoded(Image.new("L", (10, 10), 255))
    response = client.post(CHAT, json={"message": "remove the car", "image": image, "mask": mask})

    assert response.status_code == 400
    assert "mask" in response.json()["errors"]


@pytest.mark.slow
@pytest.mark.parametrize("made_before", [1, 3, 5])
def test_a_killed_worker_costs_a_plan_nothing(new_studio: Callable[..., Studio], made_before: int) -> None:
    studio = new_studio()
    with studio.client() as client:
        message = "draw 3 pictures of a castle, seed 5, then flip them horizontally"
        job = client.post(CHAT, json={"message": message, "stream": True}).json()["job"]
        seen = 0
        for _, name, _ in events(client, job["links"]["stream"]):
            seen += name == "image"
            if name == "image" and seen == made_before:
                studio.worker().kill()
        result = client.get(job["links"]["result"]).json()
        attempts = client.get(job["links"]["self"]).json()["attempt"]

    assert result["status"] == "done"
    assert attempts == 2 or made_before > 1, "later steps are over so soon that the kill may come too late"
    assert [image["index"] for image in result["images"]] == list(range(6))
    pictures = [Image.open(io.BytesIO(base64.b64decode(image["image"]))) for image in result["images"]]
    for before, after in zip(pictures[:3], pictures[3:], strict=True):
        assert np.array_equal(np.asarray(before)[:, ::-1], np.asarray(after))


def test_every_part_of_every_step_is_in_the_history(client: httpx2.Client) -> None:
    message = (
        "Generate 2 pictures of a cat, flip them horizontally, then generate a picture of a dog, "
        "rotate it 90 degrees"
    )
    answer = say(client, message)

    assert intents(answer) == ["generate", "flip", "generate", "rotate"]
    made = [image["image_id"] for image in answer["images"]]
    recorded = client.get("/image-processing/history/").json()["results"]
    outputs = {row["output_image_id"] for row in recorded if row["request_id"] == answer["request_id"]}
    assert outputs == {made[2], made[3], made[5]}


def test_a_picture_outlives_a_step_that_is_refused(client: httpx2.Client) -> None:
    image, small = encoded(corners(96, 64)), encoded(corners(8, 8).convert("L"))
    body = {"message": "extract the object", "session_id": "refused", "image": image, "mask": small}
    refused = client.post(CHAT, json=body)
    again = say(client, "rotate it 90 degrees", session_id="refused")

    assert refused.status_code == 400, refused.text
    assert (again["success"], again["needs"]) == (True, [])
    assert picture(again).size == (64, 96)
