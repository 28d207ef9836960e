"""Planning, sessions and errors: everything that needs no worker, over HTTP."""

import base64
import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.ai_gateway import sessions
from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.planning import plan
from apps.ai_gateway.reading import read
from apps.ai_gateway.tests.conftest import Chat
from core import operations
from core.api.tests.shape import assert_error
from core.images.models import StoredImage
from core.images.picture import Picture
from core.images.tests.pictures import corners, file_of

PICTURE = base64.b64encode(file_of(corners())).decode()
GATEWAY = "/api/v1/ai-gateway/"
OPERATING = [intent for intent in all_intents().values() if intent.operation]
NAMES = [
    "generate",
    "variations",
    "edit",
    "remove_object",
    "insert_object",
    "style_transfer",
    "white_balance",
    "remove_background",
    "replace_background",
    "face_swap",
    "mask",
    "extract_object",
    "resize",
    "crop",
    "rotate",
    "flip",
    "enhance",
    "upscale",
    "adjust",
    "convert",
    "make_dataset",
    "refine_prompt",
    "help",
]


def planned(chat: Chat, message: str, **fields: Any) -> list[dict[str, Any]]:
    response = chat(message, dry_run=True, **fields)
    assert response.status_code == 200, response.content
    plan: list[dict[str, Any]] = response.json()["plan"]
    return plan


def test_the_intents_are_listed_with_examples_in_both_languages(client: Client) -> None:
    listed = {intent["name"]: intent for intent in client.get(f"{GATEWAY}intents/").json()}

    assert sorted(listed) == sorted(NAMES)
    for intent in listed.values():
        assert len(intent["examples"]) >= 6
        assert any(not example.isascii() for example in intent["examples"])
        assert intent["description"]
        assert intent["description_vi"]
    assert listed["face_swap"]["needs"] == ["image", "reference_image", "consent"]
    assert listed["resize"]["service"] == "image_processing.resize"


def test_every_declared_operation_can_be_prepared_by_its_app() -> None:
    services = {intent.operation for intent in all_intents().values() if intent.operation}

    missing = services - set(operations.names())
    assert not missing
    assert all(operations.get(name).prepare for name in services)


@pytest.mark.parametrize("intent", OPERATING, ids=lambda intent: intent.name)
def test_every_intents_fields_are_those_of_its_operation(intent: Intent) -> None:
    prepare = inspect.signature(operations.get(intent.operation).preparer)
    picture = Picture(file_of(corners()))
    pictures = dict.fromkeys(("image", "mask", "reference_image"), picture)
    for example in intent.examples:
        parameters = read(example).steps[0].parameters
        if not intent.needs(parameters, frozenset(pictures)):
            prepare.bind(owner="anonymous", **intent.operation_fields(parameters, pictures))


def test_a_dry_run_plans_and_leaves_nothing_behind(chat: Chat, client: Client) -> None:
    response = chat("crop to 16:9 then make it 512 wide", image=PICTURE, dry_run=True)
    answer = response.json()

    assert answer["success"] is True
    assert answer["intent"] == "crop"
    assert answer["images"] == answer["needs"] == []
    assert answer["plan"] == [
        {"intent": "crop", "service": "image_processing.crop", "parameters": {"aspect": "16:9"}},
        {"intent": "resize", "service": "image_processing.resize", "parameters": {"width": 512}},
    ]
    assert 0.5 < answer["confidence"] <= 1
    assert answer["response"].startswith("I would crop a picture, then resize")
    assert not StoredImage.objects.exists()
    assert_error(client.get(f"{GATEWAY}sessions/{answer['session_id']}/"), 404, "not_found")


@pytest.mark.parametrize(
    ("message", "intent", "parameters"),
    [
        ("resize to 800x600", "resize", {"width": 800, "height": 600}),
        ("đổi kích thước thành 640 x 480", "resize", {"width": 640, "height": 480}),
        ("make it 1024 wide", "resize", {"width": 1024}),
        ("cho chiều cao 500", "resize", {"height": 500}),
        ("make it wider", "resize", {"scale_width": 1.25}),
        ("thu nhỏ còn một nửa", "resize", {"scale": 0.5}),
        ("resize to 50%", "resize", {"scale": 0.5}),
        ("phóng to gấp đôi", "upscale", {"scale": 2}),
        ("phong to gap 4 lan", "upscale", {"scale": 4}),
        ("upscale 4x", "upscale", {"scale": 4}),
        ("nền trắng", "replace_background", {"background": "#ffffff"}),
        ("set the background to #00fF7f", "replace_background", {"background": "#00ff7f"}),
        ("blur the background", "replace_background", {"background": "blur"}),
        ("rotate 45 degrees counterclockwise", "rotate", {"angle": -45}),
        ("xoay trái", "rotate", {"angle": -90}),
        ("xoay 90 do", "rotate", {"angle": 90}),
        ("flip it upside down", "flip", {"direction": "vertical"}),
        ("lật ngang", "flip", {"direction": "horizontal"}),
        ("crop to a square", "crop", {"square": True}),
        ("cắt ảnh theo tỉ lệ 4:3", "crop", {"aspect": "4:3"}),
        ("crop the left half", "crop", {"region": "left"}),
        ("crop to [10, 20, 300, 400]", "crop", {"box": "10,20,300,400"}),
        ("increase the contrast by 20%", "adjust", {"contrast": 1.2}),
        ("giảm độ sáng 30%", "adjust", {"brightness": 0.7}),
        ("make it a bit brighter", "adjust", {"brightness": 1.1}),
        ("set saturation to 1.5", "adjust", {"saturation": 1.5}),
        ("black and white", "adjust", {"grayscale": True}),
        ("save as jpg, quality 80", "convert", {"output_format": "jpeg", "quality": 80}),
        ("chuyển sang webp", "convert", {"output_format": "webp"}),
        ("làm nét ảnh", "enhance", {"sharpen": 0.6}),
        ("khử nhiễu", "enhance", {"denoise": 0.5}),
        ("make 3 variations", "variations", {"num_variations": 3}),
        ("tạo vài biến thể", "variations", {"num_variations": 3}),
        ("turn this into a watercolor", "style_transfer", {"style": "watercolor painting"}),
        ("biến ảnh thành tranh sơn dầu", "style_transfer", {"style": "oil painting"}),
        ("remove the red car", "remove_object", {"object": "red car"}),
        ("extract the cup", "extract_object", {"object": "cup"}),
        ("make the sky bluer", "edit", {"prompt": "make the sky bluer"}),
        ("please add a hat to the cat", "insert_object", {"prompt": "add a hat to the cat"}),
        (
            "make a dataset of 50 cats, noise 0.1, seed 7",
            "make_dataset",
            {"class_label": "cats", "output_size": 50, "noise_level": 0.1, "seed": 7},
        ),
        ("tạo bộ dữ liệu 100 ảnh mèo", "make_dataset", {"class_label": "mèo", "output_size": 100}),
        ("improve this prompt: a cat on a sofa", "refine_prompt", {"prompt": "a cat on a sofa"}),
        ("swap the faces, everyone agreed, with consent", "face_swap", {"consent": True}),
    ],
)
def test_parameters_are_found(chat: Chat, message: str, intent: str, parameters: dict[str, Any]) -> None:
    plan = planned(chat, message)

    assert [(step["intent"], step["parameters"]) for step in plan] == [(intent, parameters)]


@pytest.mark.parametrize(
    ("message", "prompt", "others"),
    [
        ("Generate a cute orange cat", "a cute orange cat", {}),
        ("please draw me 3 pictures of a red fox in the snow", "a red fox in the snow", {"num_images": 3}),
        ("a castle on a hill, 768x512", "a castle on a hill", {"width": 768, "height": 512}),
        ("vẽ giúp tôi con mèo đội mũ nhé", "con mèo đội mũ", {}),
        ("tạo ảnh con rồng vàng, seed 42", "con rồng vàng", {"seed": 42}),
        ("ve mot ngoi nha trong rung", "mot ngoi nha trong rung", {}),
        ("draw a painting of a ship, as jpg", "a painting of a ship", {"output_format": "jpeg"}),
    ],
)
def test_a_prompt_is_what_is_left_of_the_sentence(
    chat: Chat, message: str, prompt: str, others: dict[str, Any]
) -> None:
    (step,) = planned(chat, message)
    said = step["parameters"]

    assert prompt in said.pop("prompt")
    assert said.pop("negative_prompt"), "it was refined"
    assert said == others


@pytest.mark.parametrize(
    ("message", "needs"),
    [
        ("remove the background", ["image"]),
        ("remove the car", ["image", "mask"]),
        ("rotate it", ["image", "angle"]),
        ("lật ảnh", ["image", "direction"]),
        ("swap the faces", ["image", "reference_image", "consent"]),
        ("generate an image", ["prompt"]),
        ("create a cat and rotate it", ["angle"]),
        ("tạo bộ dữ liệu", ["class_label", "output_size"]),
        ("change the background", ["image", "background"]),
        ("adjust this photo", ["image", "brightness"]),
    ],
)
def test_what_is_missing_is_asked_for(chat: Chat, message: str, needs: list[str]) -> None:
    answer = chat(message).json()

    assert (answer["success"], answer["needs"], answer["images"]) == (False, needs, [])
    assert answer["response"]


@pytest.mark.parametrize(
    ("message", "language", "words"),
    [
        ("what's the weather in Hanoi?", "en", "did not understand"),
        ("thời tiết hôm nay thế nào", "vi", "chưa hiểu"),
        ("thoi tiet hom nay", "vi", "chưa hiểu"),
        ("what can you do?", "en", "I can make a picture from words"),
        ("bạn làm được gì?", "vi", "Tôi có thể vẽ tranh"),
        ("how do I remove the background?", "en", "remove the background"),
        ("don't remove the background", "en", "Nothing is done"),
    ],
)
def test_answers_are_in_the_language_of_the_question(
    chat: Chat, message: str, language: str, words: str
) -> None:
    answer = chat(message).json()

    assert answer["language"] == language
    assert words in answer["response"]
    assert answer["plan"] == []
    assert answer["success"] is (answer["intent"] == "help")


def test_a_session_remembers_its_turns_and_pictures_until_it_is_deleted(chat: Chat, client: Client) -> None:
    first = chat("rotate it", image=PICTURE, session_id="my-session").json()
    chat("hello", session_id="my-session")
    session = client.get(f"{GATEWAY}sessions/my-session/").json()

    assert first["session_id"] == "my-session"
    assert first["needs"] == ["angle"]
    assert [turn["message"] for turn in session["turns"]] == ["rotate it", "hello"]
    assert list(session["pictures"]) == ["image"]
    assert chat("remove the background", session_id="my-session", dry_run=True).json()["needs"] == []
    assert client.delete(f"{GATEWAY}sessions/my-session/").status_code == 204
    assert_error(client.get(f"{GATEWAY}sessions/my-session/"), 404, "not_found")
    assert_error(client.delete(f"{GATEWAY}sessions/my-session/"), 404, "not_found")
    assert chat("remove the background", session_id="my-session").json()["needs"] == ["image"]


def test_a_session_is_its_owners_alone(
    chat: Chat, client: Client, signed_in: Callable[[str], dict[str, str]]
) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    chat("rotate it", headers=ann, image=PICTURE, session_id="hers")

    assert client.get(f"{GATEWAY}sessions/hers/", headers=ann).status_code == 200
    for others in (bob, {}):
        assert_error(client.get(f"{GATEWAY}sessions/hers/", headers=others), 404, "not_found")
        assert_error(client.delete(f"{GATEWAY}sessions/hers/", headers=others), 404, "not_found")
        assert chat("flip it horizontally", headers=others, session_id="hers").json()["needs"] == ["image"]
    assert client.get(f"{GATEWAY}sessions/hers/", headers=ann).json()["turns"][0]["message"] == "rotate it"


def test_a_session_is_forgotten_after_its_time(chat: Chat, client: Client, settings: Any) -> None:
    settings.STUDIO_SESSION_TTL = 0
    chat("hello", session_id="brief")

    assert_error(client.get(f"{GATEWAY}sessions/brief/"), 404, "not_found")


def test_a_thousand_sessions_do_not_push_each_other_out(chat: Chat, client: Client) -> None:
    chat("hello", session_id="first")
    for number in range(1000):
        sessions.save(
            sessions.begin_or_resume(owner="anonymous", session_id=f"other-{number}"), owner="anonymous"
        )

    assert client.get(f"{GATEWAY}sessions/first/").status_code == 200


def test_a_picture_that_has_gone_is_asked_for_again(chat: Chat) -> None:
    chat("rotate it", image=PICTURE, session_id="mine")
    StoredImage.objects.all().delete()

    assert chat("remove the background", session_id="mine").json()["needs"] == ["image"]


def test_anothers_picture_is_not_found(chat: Chat, signed_in: Callable[[str], dict[str, str]]) -> None:
    chat("rotate it", headers=signed_in("ann"), image=PICTURE)
    hers = StoredImage.objects.get().pk

    body = assert_error(chat("remove the background", image_id=str(hers)), 400)
    assert "image_id" in body["errors"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "   "}, "message"),
        ({"message": None}, "message"),
        ({"message": 5}, "message"),
        ({"message": ["cat"]}, "message"),
        ({"message": "x" * 2001}, "message"),
        ({"message": "a\u0000cat"}, "message"),
        ({"message": "a\u001bcat"}, "message"),
        ({"message": "cat", "session_id": "../../etc"}, "session_id"),
        ({"message": "cat", "session_id": "x" * 65}, "session_id"),
        ({"message": "cat", "session_id": ""}, "session_id"),
        ({"message": "cat", "image": "not a picture"}, "image"),
        ({"message": "cat", "image_id": "5"}, "image_id"),
        ({"message": "cat", "stream": "perhaps"}, "stream"),
        ({"message": "cat", "dry_run": 5}, "dry_run"),
        ({"message": "cat", "response_format": "gif"}, "response_format"),
        ({"message": "cat", "consent": True}, "consent"),
    ],
)
def test_bad_fields_are_named(client: Client, db: None, fields: dict[str, Any], field: str) -> None:
    response = client.post(f"{GATEWAY}chat/", fields, content_type="application/json")

    assert list(assert_error(response, 400)["errors"]) == [field]


def test_a_form_is_as_good_as_json(client: Client, db: None) -> None:
    answer = client.post(f"{GATEWAY}chat/", {"message": "rotate 90 degrees", "dry_run": "true"}).json()

    assert answer["plan"][0]["parameters"] == {"angle": 90}


def test_a_plan_has_its_limits(chat: Chat) -> None:
    too_many = chat("draw 8 pictures of a cat then make 8 variations")

    assert_error(too_many, 400, "too_many_pictures")
    with_a_dataset = chat("draw 8 pictures of a cat then make 8 variations then make a dataset of 1000 cats")
    assert_error(with_a_dataset, 400, "too_many_pictures")
    four_turns = " then ".join(["rotate it 10 degrees", "flip it horizontally"] * 4)
    assert len(planned(chat, four_turns, image=PICTURE)) == 8
    nine_steps = chat(f"{four_turns} then crop it to a square", image=PICTURE, dry_run=True)
    assert_error(nine_steps, 400, "too_many_steps")


def test_a_dataset_is_made_once_however_many_pictures_are_at_hand(chat: Chat) -> None:
    job = chat("draw 8 pictures of a cat then make a dataset of 1000 cats").json()["job"]

    assert len(job["images"]) == 1008


def test_what_needs_a_licence_says_so_before_anything_runs(chat: Chat) -> None:
    response = chat("swap the faces, they agreed", image=PICTURE, reference_image=PICTURE)

    assert response.status_code in (403, 503)
    assert "manage.py" in response.json()["detail"] or "STUDIO" in response.json()["detail"]


@given(
    message=st.text(min_size=1, max_size=300).filter(lambda text: not set(text) & set("\ud800\udfff")),
)
def test_any_message_gets_an_answer(message: str) -> None:
    reading = read(message)
    made = plan(reading.steps, frozenset({"image"}))

    assert json.dumps(made.summary)
    assert 0 <= reading.confidence <= 1
