"""A prompt gets better, keeps every word, and is left alone the second time."""

import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as project
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.prompt_refinement import services
from apps.prompt_refinement.phrases import folded
from apps.prompt_refinement.rulebook import rulebook
from apps.prompt_refinement.tests.conftest import Ask
from apps.prompt_refinement.tests.test_negation import GLUE, PROMPTS
from core import operations
from core.operations.inline import InlineContext

STYLES = [*rulebook().styles, "", "màu nước", "photo", "baroque", "ukiyo-e", "no text", "...", "Đông Hồ"]
MODELS = ["starter", "sd-turbo", "sdxl-base"]


def run(prompt: str, style: str = "", model: str = "starter") -> Any:
    work = operations.prepare(
        "prompt_refinement.refine",
        owner="ann",
        prompt=prompt,
        context={"style": style, "model": model},
        method="rule_based",
    )
    return operations.run("prompt_refinement.refine", work, InlineContext(owner="ann", share="ann"))


def test_an_english_prompt(refine: Ask) -> None:
    said = refine("a cute orange cat, NOT blurry")

    assert said["original_prompt"] == "a cute orange cat, NOT blurry"
    assert said["refined_prompt"] == "a cute orange cat, high quality, highly detailed, sharp focus"
    assert said["negative_prompt"].startswith("blurry, low quality")
    assert (said["language"], said["method_used"], said["note"]) == ("en", "rule_based", "")
    assert said["confidence_score"] == 1
    assert 0 < said["processing_time"] < 1


@pytest.mark.parametrize("prompt", ["con mèo cam, không có chữ", "con meo cam, khong co chu"])
def test_a_vietnamese_prompt_gets_vietnamese_terms_and_negatives_that_models_know(
    refine: Ask, prompt: str
) -> None:
    said = refine(prompt)

    assert said["language"] == "vi"
    assert said["refined_prompt"] == prompt.split(",")[0] + ", chất lượng cao, chi tiết cao, sắc nét"
    assert said["negative_prompt"].split(", ")[:2] == [prompt.split()[-1], "text"]


@pytest.mark.parametrize(
    "prompt",
    [
        "masterpiece, 8k, a cat",
        "a cat, highly detailed",
        "mèo cam, sắc nét",
        "meo cam, chat luong cao",
        "A CAT, HDR",
    ],
)
def test_a_refined_prompt_is_left_alone(refine: Ask, prompt: str) -> None:
    assert refine(prompt)["refined_prompt"] == prompt


def test_a_style_brings_its_terms_and_its_negatives(refine: Ask) -> None:
    english = refine("a cat", context={"style": "watercolor"})
    vietnamese = refine("con mèo trên ghế", context={"style": "Màu nước"})

    assert english["refined_prompt"].startswith("a cat, watercolor painting, soft washes")
    assert vietnamese["refined_prompt"].startswith("con mèo trên ghế, tranh màu nước")
    assert "photo" in english["negative_prompt"].split(", ")
    assert english["negative_prompt"] == vietnamese["negative_prompt"]


@pytest.mark.parametrize(("said", "name"), [("watercolour", "watercolor"), ("pencil-sketch", "sketch")])
def test_a_style_may_be_called_as_in_an_edit(refine: Ask, said: str, name: str) -> None:
    answer, usual = (refine("a cat", context={"style": style}) for style in (said, name))

    assert answer["refined_prompt"] == usual["refined_prompt"]


def test_a_style_that_the_prompt_names_is_not_said_twice(refine: Ask) -> None:
    said = refine("a watercolour of a cat", context={"style": "watercolor"})

    assert said["refined_prompt"] == "a watercolour of a cat, high quality, highly detailed, sharp focus"
    assert "photo" in refine("a watercolour of a cat")["negative_prompt"].split(", ")


def test_a_plain_style_gets_no_detail(refine: Ask) -> None:
    assert "detailed" not in refine("a fox", context={"style": "line art"})["refined_prompt"]


def test_an_unknown_style_is_taken_at_its_word(refine: Ask) -> None:
    assert refine("a cat", context={"style": "baroque"})["refined_prompt"].startswith("a cat, baroque style")


def test_nothing_asked_for_is_in_the_negative_prompt(refine: Ask) -> None:
    said = refine("a photo of a blurry watermark", context={"style": "anime"})

    assert not {"photo", "blurry", "watermark"} & set(said["negative_prompt"].split(", "))


def test_what_only_denies_is_kept_and_doubted(refine: Ask) -> None:
    said = refine("no text")

    assert said["refined_prompt"] == "no text"
    assert said["negative_prompt"].startswith("text")
    assert said["confidence_score"] < 0.7


def test_terms_stop_where_the_model_stops_reading(refine: Ask) -> None:
    """The starter reads 38 tokens beside the two special ones."""
    long = "a cat" + " and a dog" * 11
    assert refine(long)["refined_prompt"] == f"{long}, high quality"
    assert refine(long, context={"model": "sd-turbo"})["refined_prompt"].endswith("sharp focus")
    assert refine(f"{long} and the sun")["refined_prompt"].endswith("the sun")


@given(PROMPTS.filter(str.strip), st.sampled_from(STYLES), st.sampled_from(MODELS))
def test_refining_twice_changes_nothing(prompt: str, style: str, model: str) -> None:
    once = run(prompt, style, model).refined_prompt

    assert run(once, style, model).refined_prompt == once


@given(PROMPTS.filter(str.strip), st.sampled_from(STYLES))
def test_nothing_that_was_written_is_lost(prompt: str, style: str) -> None:
    done = run(prompt, style)
    kept = set(re.findall(r"\w+", folded(f"{done.refined_prompt} {done.negative_prompt}")))

    assert set(re.findall(r"\w+", folded(unicodedata.normalize("NFC", prompt)))) <= kept | GLUE


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "  "}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": ["a cat"]}, "prompt"),
        ({"prompt": "a" * 2001}, "prompt"),
        ({"prompt": "a\x00cat"}, "prompt"),
        ({"prompt": "a cat", "method": "magic"}, "method"),
        ({"prompt": "a cat", "context": "anime"}, "context"),
        ({"prompt": "a cat", "context": ["anime"]}, "context.non_field_errors"),
        ({"prompt": "a cat", "context": {"style": 5}}, "context.style"),
        ({"prompt": "a cat", "context": {"mood": "sad"}}, "context.mood"),
        ({"prompt": "a cat", "context": {"model": "../etc"}}, "model"),
        ({"prompt": "a cat", "context": {"model": "none"}}, "model"),
        ({"prompt": "a cat", "styel": "anime"}, "styel"),
    ],
)
def test_a_bad_field_is_named(post: Callable[[str, Any], HttpResponse], body: Any, field: str) -> None:
    answer = post("refine", body)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_form_brings_the_context_as_the_text_of_json(client: Client) -> None:
    form = {"prompt": "a cat", "context": '{"style": "baroque"}'}

    answer = client.post("/api/v1/prompt-refinement/refine/", form)

    assert answer.json()["refined_prompt"].startswith("a cat, baroque style")


def test_every_style_is_known_by_each_of_its_names() -> None:
    for name, style in rulebook().styles.items():
        assert rulebook().style(name) is style
        assert rulebook().style(name.replace("-", " ").upper()) is style
    assert services.prepare_refinement(owner="ann", prompt="a", context={"style": "no text"}).style == ""


def test_the_web_process_stays_free_of_torch() -> None:
    program = (
        "import django, sys; django.setup(); import apps.prompt_refinement.views;"
        "from apps.prompt_refinement import services as s;"
        "print(s.refine(s.prepare_refinement(owner='a', prompt='a cat'), None).refined_prompt);"
        "sys.exit(bool({'torch', 'transformers'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project.BASE_DIR, capture_output=True, check=True
    )

    assert done.stdout.startswith(b"a cat, high quality")
