"""A model that runs elsewhere: over HTTP, on a real server, against a local one that speaks the API."""

import base64
import io
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from PIL import Image

from apps.image_generation.engines.remote.inputs import inputs
from apps.image_generation.painting import Painting
from apps.image_generation.tests.replicate_server import ELSEWHERE, SCHEMA, TOKEN, VERSION, Replicate, serve
from core.jobs.tests.studio import Studio, events, wait_until

GENERATE = "/image-generation/generate/"
ASYNC = "/image-generation/generate/async/"
MODEL = "replicate-flux-schnell"

COMMUNITY = f"""
[[model]]
id = "community"
task = "text-to-image"
family = "other"
loader = "replicate"
source = {{ remote = "somebody/something:{VERSION}" }}
licence = "MIT"
licence_url = ""
commercial_use = true
description = "By its version."
recommended = {{ steps = 4, width = 512, height = 512 }}
sizes = {{ min_side = 256, max_side = 1024, native = 512 }}

[[model]]
id = "vanished"
task = "text-to-image"
family = "other"
loader = "replicate"
source = {{ remote = "somebody/gone" }}
licence = "MIT"
licence_url = ""
commercial_use = true
description = "It is no more."
recommended = {{ steps = 4, width = 512, height = 512 }}
sizes = {{ min_side = 256, max_side = 1024, native = 512 }}
"""


@pytest.fixture(scope="module")
def replicate() -> Iterator[Replicate]:
    replicate, server = serve()
    yield replicate
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def remote(replicate: Replicate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a token, given by its old name, and one that takes no picture longer than 3 seconds."""
    root = tmp_path_factory.mktemp("remote")
    models = root / "state" / "models"
    models.mkdir(parents=True)
    (models / "catalogue.toml").write_text(COMMUNITY)
    environment = {
        "REPLICATE_API_TOKEN": TOKEN,
        "STUDIO_REPLICATE_BASE_URL": replicate.url,
        "STUDIO_REPLICATE_TIMEOUT": "3",
        "STUDIO_LOG_LEVEL": "DEBUG",
    }
    studio = Studio(root, environment).start()
    yield studio
    studio.close()
    assert TOKEN not in studio.log.read_text(), "the token is in the log"


@pytest.fixture(scope="module")
def client(remote: Studio) -> Iterator[httpx2.Client]:
    with remote.client() as client:
        yield client


def ask(client: httpx2.Client, prompt: str, **fields: Any) -> httpx2.Response:
    response = client.post(GENERATE, json={"prompt": prompt, "model": MODEL, **fields})
    assert TOKEN not in response.text
    return response


def test_a_picture_is_painted_elsewhere(client: httpx2.Client, replicate: Replicate) -> None:
    response = ask(client, "a cat", seed=77, width=640, height=360)

    assert response.status_code == 200, response.text
    answer = response.json()
    image = Image.open(io.BytesIO(base64.b64decode(answer["image_bytes"])))
    assert image.size == (640, 360)
    assert image.getpixel((320, 180)) == (77, 100, 200)
    assert replicate.made_of("a cat")["input"] == {
        "prompt": "a cat",
        "seed": 77,
        "num_inference_steps": 4,
        "num_outputs": 1,
        "aspect_ratio": "16:9",
        "megapixels": "0.25",
        "output_format": "png",
    }
    assert answer["metadata"]["scheduler"] == "Replicate"
    assert answer["metadata"]["licence"] == "Apache-2.0"
    assert answer["metadata"]["painted_size"] == [512, 288]
    assert "POST /v1/models/black-forest-labs/flux-schnell/predictions" in replicate.asked


def test_what_the_model_has_no_use_for_is_said(client: httpx2.Client) -> None:
    answer = ask(client, "a dog", negative_prompt="blurry", guidance_scale=3.0).json()

    assert set(answer["metadata"]["ignored"]) == {"negative_prompt", "guidance_scale"}


def test_several_pictures_run_at_a_time_each_with_its_seed(
    client: httpx2.Client, replicate: Replicate
) -> None:
    replicate.most_at_a_time = 0

    answer = ask(client, "slow birds", num_images=4, seed=10).json()

    assert replicate.most_at_a_time == 4
    colours = [
        Image.open(io.BytesIO(base64.b64decode(each["image_bytes"]))).getpixel((9, 9))
        for each in answer["images"]
    ]
    assert [colour[0] for colour in colours] == [10, 11, 12, 13]


def test_progress_is_theirs(client: httpx2.Client) -> None:
    job = client.post(ASYNC, json={"prompt": "a slow fish", "model": MODEL}).json()

    got = list(events(client, f"/jobs/{job['task_id']}/stream/"))

    steps = [data["current_step"] for _, name, data in got if name == "progress" and data["total_steps"]]
    assert steps == [1, 2, 4]
    assert [name for _, name, _ in got][-2:] == ["image", "done"]


def test_a_cancel_here_is_a_cancel_there(client: httpx2.Client, replicate: Replicate) -> None:
    job = client.post(ASYNC, json={"prompt": "an endless road", "model": MODEL}).json()
    wait_until(
        lambda: [p for p in replicate.predictions.values() if p["input"]["prompt"] == "an endless road"]
    )

    client.post(f"/jobs/{job['task_id']}/cancel/")

    wait_until(lambda: replicate.made_of("an endless road")["status"] == "canceled")
    assert wait_until(lambda: client.get(f"/jobs/{job['task_id']}/").json()["status"] == "cancelled")


def test_a_client_that_hangs_up_cancels_too(client: httpx2.Client, replicate: Replicate) -> None:
    with pytest.raises(httpx2.ReadTimeout):
        client.post(GENERATE, json={"prompt": "an endless sea", "model": MODEL}, timeout=1)

    wait_until(lambda: replicate.made_of("an endless sea")["status"] == "canceled")


def test_what_takes_too_long_is_given_up_and_cancelled(client: httpx2.Client, replicate: Replicate) -> None:
    response = ask(client, "an endless sky")

    assert (response.status_code, response.json()["code"]) == (503, "remote_timeout")
    assert replicate.made_of("an endless sky")["status"] == "canceled"


@pytest.mark.parametrize(
    ("prompt", "status", "code"),
    [
        ("it fails", 500, "remote_failed"),
        ("nsfw", 403, "content_filtered"),
        ("invalid", 400, "remote_refused"),
        ("throttled", 503, "remote_busy"),
        ("unpaid", 503, "remote_unpaid"),
        ("rubbish", 500, "remote_answer"),
        ("nothing", 500, "remote_output"),
        ("html", 500, "remote_output"),
        ("huge", 500, "remote_output"),
        ("redirect", 500, "remote_output"),
        ("missing", 500, "remote_output"),
    ],
)
def test_what_goes_wrong_there_is_said_here(
    client: httpx2.Client, prompt: str, status: int, code: str
) -> None:
    response = ask(client, prompt)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    if prompt == "throttled":
        assert response.headers["Retry-After"] == "30"
    if prompt in {"it fails", "invalid"}:
        assert "***" in response.json()["detail"], "their words are passed on, without the token"


@pytest.mark.parametrize("where", list(ELSEWHERE))
def test_no_picture_is_fetched_from_where_none_should_be(client: httpx2.Client, where: str) -> None:
    started = time.monotonic()

    response = ask(client, where)

    assert (response.status_code, response.json()["code"]) == (500, "remote_output"), response.text
    assert time.monotonic() - started < 5


def test_a_moment_of_trouble_does_not_lose_what_is_paid_for(client: httpx2.Client) -> None:
    assert ask(client, "flaky").status_code == 200


def test_a_picture_that_drips_in_is_given_up_in_time(client: httpx2.Client) -> None:
    started = time.monotonic()

    response = ask(client, "drips")

    assert (response.status_code, response.json()["code"]) == (503, "remote_timeout"), response.text
    assert time.monotonic() - started < 6


def test_a_single_address_is_as_good_as_a_list(client: httpx2.Client) -> None:
    assert ask(client, "single").status_code == 200


def test_any_other_model_by_configuration(client: httpx2.Client, replicate: Replicate) -> None:
    response = ask(client, "by version", model="community")

    assert response.status_code == 200, response.text
    assert replicate.made_of("by version")["version"] == VERSION
    vanished = ask(client, "a ghost", model="vanished")
    assert (vanished.status_code, vanished.json()["code"]) == (503, "remote_model_missing")


@pytest.mark.parametrize(
    ("fields", "field"), [({"scheduler": "ddim"}, "scheduler"), ({"loras": [{"name": "any"}]}, "loras")]
)
def test_what_it_cannot_do_is_refused(client: httpx2.Client, fields: dict[str, Any], field: str) -> None:
    response = ask(client, "a hat", **fields)

    assert response.status_code == 400
    assert field in response.json()["errors"]


@pytest.mark.parametrize(("path", "field"), [("edit", "input_image"), ("generate-variations", "image")])
def test_no_picture_of_yours_is_sent(
    client: httpx2.Client, replicate: Replicate, path: str, field: str
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (256, 256)).save(picture, "PNG")
    given = base64.b64encode(picture.getvalue()).decode()

    response = client.post(
        f"/image-generation/{path}/", json={"prompt": "mine", "model": MODEL, field: given}
    )

    assert response.status_code == 501, response.text
    assert "mine" not in [each["input"]["prompt"] for each in replicate.predictions.values()]


def test_no_lora_is_trained_for_it(client: httpx2.Client) -> None:
    samples = {"prompt": "x", "negative_prompt": "", "num_inference_steps": 1, "guidance_scale": 1, "seed": 1}
    picture = io.BytesIO()
    Image.new("RGB", (64, 64)).save(picture, "PNG")
    fields = {**samples, "width": 256, "height": 256, "lora_scale": 1, "model": MODEL}
    body = {**fields, "images": [base64.b64encode(picture.getvalue()).decode()]}

    response = client.post("/image-generation/train/async/", json=body)

    assert (response.status_code, response.json()["code"]) == (400, "not_trainable")


def test_the_list_of_models_says_that_it_can_be_used(client: httpx2.Client) -> None:
    listed = {each["id"]: each for each in client.get("/models/").json()}

    assert listed[MODEL]["installed"] is True


def test_without_a_token_nothing_is_sent_and_the_answer_says_what_to_set(
    studio: Studio, replicate: Replicate
) -> None:
    before = list(replicate.asked)
    with studio.client() as client:
        response = ask(client, "a cat")
        listed = {each["id"]: each for each in client.get("/models/").json()}

    assert (response.status_code, response.json()["code"]) == (503, "model_missing")
    assert "STUDIO_REPLICATE_TOKEN" in response.json()["detail"]
    assert listed[MODEL]["installed"] is False
    assert replicate.asked == before


def test_a_token_that_is_not_accepted(replicate: Replicate, new_studio: Any) -> None:
    wrong = new_studio(STUDIO_REPLICATE_TOKEN="r8_wrong", STUDIO_REPLICATE_BASE_URL=replicate.url)
    with wrong.client() as client:
        response = client.post(GENERATE, json={"prompt": "a cat", "model": MODEL})

    assert (response.status_code, response.json()["code"]) == (503, "remote_token_refused")
    assert "r8_wrong" not in response.text
    assert "r8_wrong" not in wrong.log.read_text()


PAINTING = Painting("a cat", "", 1024, 512, 30, 3.5, seed=1)


def test_a_model_with_sides_gets_them_rounded_and_within_its_limits() -> None:
    sides = {"type": "integer", "minimum": 256, "maximum": 768, "multipleOf": 32}
    takes = {
        "prompt": {},
        "width": sides,
        "height": sides,
        "guidance": {"maximum": 3},
        "steps": {"maximum": 50},
    }
    schema = {"components": {"schemas": {"Input": {"properties": takes}}}}

    given, ignored = inputs(schema, PAINTING)

    assert given == {"prompt": "a cat", "width": 768, "height": 512, "guidance": 3, "steps": 30}
    assert ignored == {"seed", "negative_prompt"}


@pytest.mark.parametrize(
    ("size", "ratio", "area"),
    [
        ((1024, 1024), "1:1", "1"),
        ((2048, 512), "21:9", "1"),
        ((300, 420), "2:3", "0.25"),
        ((512, 640), "4:5", "0.25"),
    ],
)
def test_a_model_with_shapes_gets_the_nearest(size: tuple[int, int], ratio: str, area: str) -> None:
    given, _ = inputs(SCHEMA, Painting("a cat", "", *size, 4, 0.0, seed=1))

    assert (given["aspect_ratio"], given["megapixels"]) == (ratio, area)


@pytest.mark.parametrize("schema", [{}, {"components": {}}, {"components": {"schemas": {"Input": {}}}}])
def test_a_model_that_says_nothing_gets_the_prompt(schema: dict[str, Any]) -> None:
    assert inputs(schema, PAINTING)[0] == {"prompt": "a cat"}
