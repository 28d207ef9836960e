"""The OpenAI Images front door, as OpenAI's own client uses it."""

import base64
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx2
import numpy as np
import openai
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image

from apps.image_generation.openai.streaming import PictureStream, Telling
from apps.image_generation.operations import GENERATE
from core import operations
from core.accounts import services as accounts
from core.accounts.owners import Owner
from core.jobs import services as jobs
from core.jobs.events import Event
from core.jobs.hub import hub
from core.jobs.models import Status
from core.jobs.tests.studio import Studio, wait_until

ANN = Owner(id="user:1", share="user:1")
QUICK: dict[str, Any] = {"num_inference_steps": 4, "seed": 5}


@pytest.fixture(scope="module")
def ai(studio: Studio) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{studio.url}/v1", api_key="none is needed", max_retries=0) as client:
        yield client


def opened(b64: str | None) -> Image.Image:
    assert b64
    return Image.open(io.BytesIO(base64.b64decode(b64)))


def png(image: Image.Image, name: str = "picture.png") -> tuple[str, bytes, str]:
    file = io.BytesIO()
    image.save(file, "PNG")
    return name, file.getvalue(), "image/png"


def scene(side: int = 256) -> Image.Image:
    picture = Image.new("RGB", (side, side), (90, 160, 90))
    picture.paste((120, 180, 250), (0, 0, side, side // 2))
    return picture


def hole(side: int = 256) -> Image.Image:
    """A mask as OpenAI's are: transparent where something is to change."""
    mask = Image.new("RGBA", (side, side), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (64, 64, 192, 192))
    return mask


def test_a_picture_is_the_one_that_our_own_call_paints(ai: openai.OpenAI, studio: Studio) -> None:
    answer = ai.images.generate(prompt="a red heart", size="256x256", extra_body=QUICK)

    with studio.client() as client:
        asked = {"prompt": "a red heart", "width": 256, "height": 256, **QUICK}
        ours = client.post("/image-generation/generate/", json=asked).json()
    assert answer.data
    assert answer.data[0].b64_json == ours["image_bytes"]
    assert (answer.size, answer.output_format, answer.background) == ("256x256", "png", "opaque")
    assert answer.created > 1_700_000_000
    assert answer.usage is None


def test_several_as_links_and_as_jpeg(ai: openai.OpenAI) -> None:
    answer = ai.images.generate(
        prompt="a red heart",
        n=2,
        size="auto",
        quality="low",
        user="someone",
        output_format="jpeg",
        output_compression=60,
        response_format="url",
        extra_body=QUICK,
    )

    assert answer.data
    pictures = [httpx2.get(str(each.url)).content for each in answer.data]
    assert [Image.open(io.BytesIO(each)).format for each in pictures] == ["JPEG", "JPEG"]
    assert pictures[0] != pictures[1]
    assert [(each.model_extra or {})["seed"] for each in answer.data] == [5, 6]


def test_a_stream_shows_unfinished_pictures_and_then_each_whole_one(ai: openai.OpenAI) -> None:
    wanted: dict[str, Any] = {
        "prompt": "a red heart",
        "n": 2,
        "extra_body": {**QUICK, "num_inference_steps": 12},
    }
    events: list[Any] = list(ai.images.generate(stream=True, partial_images=2, **wanted))

    finished = [event for event in events if event.type == "image_generation.completed"]
    partial = [event for event in events if event.type == "image_generation.partial_image"]
    assert len(events) == len(finished) + len(partial), "nothing that their client does not know"
    assert len(finished) == 2
    assert sorted(event.partial_image_index for event in partial) == [0, 0, 1, 1]
    assert {opened(event.b64_json).format for event in partial} == {"JPEG"}
    assert all(opened(event.b64_json).size == (256, 256) for event in finished)
    assert {(event.size, event.quality, event.usage) for event in finished} == {("256x256", "auto", None)}


def test_a_stream_without_unfinished_pictures(ai: openai.OpenAI) -> None:
    events: list[Any] = list(ai.images.generate(prompt="a cat", stream=True, extra_body=QUICK))

    assert [event.type for event in events] == ["image_generation.completed"]


def test_who_leaves_a_stream_does_not_keep_the_device(ai: openai.OpenAI, studio: Studio) -> None:
    long: dict[str, Any] = {"num_inference_steps": 40}
    raw = ai.images.with_streaming_response.generate(
        prompt="nobody waits", n=8, stream=True, partial_images=3, extra_body=long
    )
    with raw as response:
        job = response.headers["x-job-id"]
        next(response.iter_lines())

    with studio.client() as client:
        wait_until(lambda: client.get(f"/jobs/{job}/").json()["status"] == "cancelled")


def test_a_job_that_is_cancelled_ends_its_stream_with_an_error(ai: openai.OpenAI, studio: Studio) -> None:
    wanted: dict[str, Any] = {"prompt": "a cat", "n": 8, "extra_body": {"num_inference_steps": 40}}
    stream = ai.images.generate(stream=True, partial_images=3, **wanted)
    events = iter(stream)
    next(events)

    with studio.client() as client:
        client.post(f"/jobs/{stream.response.headers['x-job-id']}/cancel/")
        with pytest.raises(openai.APIError, match="cancelled"):
            list(events)


def test_an_edit_paints_where_the_mask_is_transparent_and_nowhere_else(ai: openai.OpenAI) -> None:
    before = scene()
    answer = ai.images.edit(
        image=png(before), mask=png(hole()), prompt="a red balloon", extra_body={"seed": "5"}
    )

    assert answer.data
    after = np.asarray(opened(answer.data[0].b64_json).convert("RGB"), int)
    changed = np.abs(after - np.asarray(before, int)).max(axis=2) > 0
    inside = np.asarray(hole().getchannel("A")) == 0
    assert not changed[~inside].any()
    assert changed[inside].mean() > 0.5


def test_an_edit_without_a_mask_and_with_its_picture_in_a_list(ai: openai.OpenAI) -> None:
    events: list[Any] = list(
        ai.images.edit(image=[png(scene())], prompt="a red balloon", stream=True, partial_images=1)
    )

    assert events[-1].type == "image_edit.completed"
    assert {event.type for event in events[:-1]} <= {"image_edit.partial_image"}
    assert opened(events[-1].b64_json).size == (256, 256)


def test_a_large_picture_in_a_list_is_read_from_its_file(ai: openai.OpenAI) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1400, 1400, 3), np.uint8)
    large = png(Image.fromarray(noise))
    assert len(large[1]) > 5 * 2**20, "Django keeps it in a file"

    answer = ai.images.edit(image=[large], prompt="a red balloon", size="256x256")

    assert answer.data
    assert opened(answer.data[0].b64_json).size == (256, 256)


def test_a_transparent_picture_stays_so_and_is_not_called_opaque(ai: openai.OpenAI) -> None:
    answer = ai.images.edit(image=png(hole()), prompt="a red balloon")

    assert answer.data
    assert opened(answer.data[0].b64_json).mode == "RGBA"
    assert answer.background is None


def test_null_is_as_good_as_left_out_and_what_has_no_effect_is_taken(ai: openai.OpenAI) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ["model", "n", "size", "quality", "stream", "style", "partial_images"]
    )
    extra = {**QUICK, "safety_identifier": "someone", "user": ""}

    answer = ai.images.generate(prompt="a cat", **nothing, extra_body=extra)

    assert answer.data
    assert len(answer.data) == 1


def test_variations(ai: openai.OpenAI) -> None:
    answer = ai.images.create_variation(image=png(scene()), n=2, extra_body={"num_inference_steps": "4"})

    assert answer.data
    assert len({each.b64_json for each in answer.data}) == 2


def test_the_models_are_those_that_can_paint_here(ai: openai.OpenAI) -> None:
    models = {model.id: model for model in ai.models.list()}

    assert models["starter"].owned_by == "Apache-2.0"
    assert "u2netp" not in models, "it paints nothing"
    assert ai.models.retrieve("starter").id == "starter"
    with pytest.raises(openai.NotFoundError) as refused:
        ai.models.retrieve("gpt-image-1")
    assert refused.value.code == "not_found"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"prompt": ""}, "prompt"),
    ({"model": "gpt-image-1"}, "model"),
    ({"n": 9}, "n"),
    ({"size": "100x256"}, "size"),
    ({"size": "256x99999"}, "size"),
    ({"size": "large"}, "size"),
    ({"background": "transparent"}, "background"),
    ({"partial_images": 4}, "partial_images"),
    ({"stream": True, "response_format": "url"}, "response_format"),
    ({"extra_body": {"guidance": 3}}, "guidance"),
]


@pytest.mark.parametrize(("fields", "param"), WRONG)
def test_rubbish_is_refused_by_its_name(ai: openai.OpenAI, fields: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ai.images.generate(**{"prompt": "a cat", **fields})

    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"
    assert refused.value.code
    assert len(str(refused.value)) > 20


NO_EDIT: list[tuple[dict[str, Any], str]] = [
    ({"image": [png(scene()), png(scene())]}, "image"),
    ({"image": ("x.png", b"not a picture", "image/png")}, "image"),
    ({"mask": png(Image.new("RGB", (256, 256)))}, "mask"),
    ({"mask": png(hole(128))}, "mask"),
    ({"mask": png(Image.new("RGBA", (256, 256), (0, 0, 0, 255)))}, "mask"),
    ({"n": 2}, "n"),
    ({"size": "128x128"}, "size"),
]


@pytest.mark.parametrize(("fields", "param"), NO_EDIT)
def test_what_cannot_be_edited_is_refused_by_its_name(
    ai: openai.OpenAI, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ai.images.edit(**{"image": png(scene()), "prompt": "a cat", **fields})

    assert refused.value.param == param


def test_a_retry_with_a_key_is_answered_once(ai: openai.OpenAI) -> None:
    key = {"Idempotency-Key": "openai-once"}
    first, second = (
        ai.images.generate(prompt="a cat", extra_headers=key, extra_body={"num_inference_steps": 2})
        for _ in range(2)
    )

    assert first.data
    assert second.data
    assert first.data[0].b64_json == second.data[0].b64_json
    with pytest.raises(openai.BadRequestError) as refused:
        list(ai.images.generate(prompt="a cat", stream=True, extra_headers={"Idempotency-Key": "other"}))
    assert refused.value.code == "not_replayable"


def test_errors_outside_the_calls_have_the_shape_too(studio: Studio) -> None:
    answers = [httpx2.get(f"{studio.url}/v1{path}") for path in ("", "/nothing", "/images/generations")]

    assert [answer.status_code for answer in answers] == [404, 404, 405]
    for answer in answers:
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert answer.headers["X-Request-Id"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bearer", "status"),
    [("{key}", 200), ("anything", 401), ("a.b.c", 401), ("studio_abcdefgh_" + "x" * 43, 401), (None, 401)],
)
def test_where_an_account_is_needed_the_key_is_ours(settings: Any, bearer: str | None, status: int) -> None:
    settings.STUDIO_REQUIRE_AUTH = True
    user = User.objects.create_user("ann")
    _, key = accounts.create_api_key(user=user, name="sdk", scopes=["read"])
    headers = {"Authorization": f"Bearer {bearer.format(key=key)}"} if bearer else {}

    answer = Client().get("/v1/models", headers=headers)

    assert answer.status_code == status
    if status == 401:
        assert answer.json()["error"]["type"] == "authentication_error"


@pytest.mark.django_db
@pytest.mark.parametrize(("bearer", "status"), [("anything", 200), ("a.b.c", 401), ("studio_wrong", 401)])
def test_where_none_is_needed_any_text_will_do_but_a_wrong_token(bearer: str, status: int) -> None:
    answer = Client().get("/v1/models", headers={"Authorization": f"Bearer {bearer}"})

    assert answer.status_code == status


def test_what_a_dying_worker_could_not_tell_is_told_at_the_end() -> None:
    telling = Telling("image_generation", 0, {})
    picture = {"index": 0, "image": "aGk=", "image_id": "x"}
    list(telling.tell(Event("1.4", "image", UUID(int=1), picture)))

    missed = telling.untold(Event("2.1", "done", UUID(int=1), {"images": [picture, picture | {"index": 1}]}))

    assert [(event.name, event.data["index"]) for event in missed] == [("image", 1)]
    [(name, said)] = telling.tell(missed[0])
    assert (name, said["b64_json"]) == ("image_generation.completed", "aGk=")
    assert telling.untold(Event("2.1", "error", UUID(int=1), {})) == []


def test_a_picture_that_has_been_deleted_is_an_error() -> None:
    gone = Event("1.4", "image", UUID(int=1), {"index": 0, "image": None})

    [(name, said)] = Telling("image_generation", 0, {}).tell(gone)

    assert name == "error"
    assert "deleted" in said["error"]["message"]


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_breaks_cancels_its_job_like_one_that_is_left() -> None:
    work = operations.prepare(GENERATE, owner=ANN.id, prompt="a cat")
    job = jobs.submit(operation=GENERATE, input=work, owner=ANN)
    for name, data in (
        ("progress", {"index": 0, "image_progress": 1.0}),
        ("preview", {"index": 0, "image": ""}),
    ):
        hub.log.append(job.pk, job.owner, 1, name, data)
    broken = PictureStream(job, Telling("image_generation", 1, {"created_at": object()}))

    async def read() -> None:
        async for _ in broken:
            pass

    with pytest.raises(TypeError, match="serializable"):
        async_to_sync(read)()
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
