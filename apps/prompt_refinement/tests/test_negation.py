"""What a prompt does not want is found, in both languages, and nothing else is taken for it."""

import re
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from apps.prompt_refinement.negation import extract
from apps.prompt_refinement.phrases import folded
from apps.prompt_refinement.rulebook import negations

DENIED = [
    ("beautiful cat, NOT blurry", "beautiful cat", ["blurry"]),
    ("a street without people or cars at night", "a street at night", ["people", "cars"]),
    ("a cat, no text, no watermark", "a cat", ["text", "watermark"]),
    ("no text, watermark or logo, a sunny beach", "a sunny beach", ["text", "watermark", "logo"]),
    ("a man with no hat and a big smile", "a man and a big smile", ["hat"]),
    ("a beach without people and cars, sunset", "a beach, sunset", ["people", "cars"]),
    ("not blurry and bright", "bright", ["blurry"]),
    ("a dog. Please don't include any text or people. Sunny day", "a dog. Sunny day", ["text", "people"]),
    ("don\u2019t show people, a house", "a house", ["people"]),
    ("I do not want blurry edges, a cat", "a cat", ["blurry edges"]),
    ("the sky is not cloudy", "the sky", ["cloudy"]),
    ("it should not be dark: a room", "a room", ["dark"]),
    ("not a dog but a cat", "a cat", ["dog"]),
    ("neither cats nor dogs, a bird", "a bird", ["cats", "dogs"]),
    ("a house but no people in front", "a house in front", ["people"]),
    ("a room free of clutter, daylight", "a room, daylight", ["clutter"]),
    ("an empty street, no one", "an empty street", ["people"]),
    ("no text/watermark, cat", "cat", ["text", "watermark"]),
    ("(no text:1.3), cat", "cat", ["text"]),
    ("no 3d render, a cat", "a cat", ["3d render"]),
    ('a sign "no smoking" without cars', 'a sign "no smoking"', ["cars"]),
    ("cat\nNegative prompt: blurry, low quality", "cat", ["blurry", "low quality"]),
    ("a cat --no text, people --ar 16:9", "a cat --ar 16:9", ["text", "people"]),
    ("no text", "", ["text"]),
    ("con mèo dễ thương, không có chữ", "con mèo dễ thương", ["chữ"]),
    ("con meo de thuong, khong co chu", "con meo de thuong", ["chu"]),
    ("phong cảnh núi, đừng mờ", "phong cảnh núi", ["mờ"]),
    ("phong canh nui, dung mo", "phong canh nui", ["mo"]),
    ("vẽ phố cổ không có xe hoặc người trên đường", "vẽ phố cổ trên đường", ["xe", "người"]),
    ("cô gái không đội mũ trong vườn", "cô gái trong vườn", ["mũ"]),
    ("ngôi nhà nhỏ, không có người nào", "ngôi nhà nhỏ", ["người"]),
    ("KHÔNG CÓ CHỮ, con mèo", "con mèo", ["CHỮ"]),
    ("không mờ và đẹp, con mèo", "đẹp, con mèo", ["mờ"]),
    ("khong co chu va nguoi, con meo", "con meo", ["chu", "nguoi"]),
    ("phở bò, tránh mờ nhòe", "phở bò", ["mờ nhòe"]),
    ("con mèo nhưng không có đuôi", "con mèo", ["đuôi"]),
    ("con mèo cam, no text", "con mèo cam", ["text"]),
]
NOT_DENIED = [
    "not only cute but also fluffy",
    "a cute cat, no doubt",
    "without a doubt a cat",
    "without doubt the best view",
    "nothing but flowers",
    "a never ending road",
    "Dr. No in a car",
    "room no 5",
    "a no-makeup look",
    "knotted rope, notebook, north",
    "a sign saying no dogs",
    'a poster with the words "do not enter"',
    "<lora:no people:0.8> a city",
    "no",
    "không gian rộng, không khí trong lành",
    "máy bay trên không",
    "không chỉ đẹp mà còn rực rỡ",
    "con meo dung tren ban",
    "tranh son dau con meo",
    "người khổng lồ",
    "hàng không mẫu hạm",
    "một con mèo được không?",
]
GLUE = {
    word
    for language in ("en", "vi")
    for name, phrases in negations()[language].items()
    if name not in ("exceptions", "wanted", "need_plain")
    for phrase in phrases
    for word in re.findall(r"\w+", folded(phrase))
} | {"nhung", "ma", "va", "negative", "prompt"}
WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        """a cat no not without text people and or but blurry , . ( ) " ' / in the only doubt is any không có
        đừng mờ chữ và hoặc con mèo khong dung mo nhưng never free of one --no negative prompt : 5 don't show
        NOT""",
    )
)
PROMPTS = st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=80))


@pytest.mark.parametrize(("prompt", "left", "excluded"), DENIED)
def test_what_is_denied_is_taken_out(
    post: Callable[[str, Any], HttpResponse], prompt: str, left: str, excluded: list[str]
) -> None:
    said = post("extract-negative", {"prompt": prompt}).json()

    assert (said["prompt"], said["extracted"]) == (left, excluded)
    assert said["negative_prompt"] == ", ".join(excluded)


@pytest.mark.parametrize("prompt", NOT_DENIED)
def test_what_only_looks_like_it_stays(prompt: str) -> None:
    assert extract(prompt).text == prompt
    assert extract(prompt).excluded == ()


@pytest.mark.parametrize(("prompt", "left", "excluded"), DENIED)
def test_the_form_of_the_letters_does_not_matter(prompt: str, left: str, excluded: list[str]) -> None:
    decomposed = extract(unicodedata.normalize("NFD", prompt))

    assert (decomposed.text, list(decomposed.excluded)) == (left, excluded)


@given(PROMPTS)
def test_what_is_left_denies_nothing_more(prompt: str) -> None:
    once = extract(prompt).text

    assert extract(once).text == once
    assert extract(once).excluded == ()


@given(PROMPTS)
def test_no_word_is_lost(prompt: str) -> None:
    found = extract(prompt)
    kept = set(re.findall(r"\w+", folded(f"{found.text} {' '.join(found.excluded)}")))

    assert set(re.findall(r"\w+", folded(unicodedata.normalize("NFC", prompt)))) <= kept | GLUE


@pytest.mark.parametrize(
    "prompt",
    [
        "and " * 500,
        "no a, " * 330,
        "no " * 650,
        "not a " * 330,
        "(no " * 500,
        "no a" + ", b" * 600,
        "is not " * 285,
        "không có " * 220,
        " " * 1990 + "no",
        "no" + " a" * 990,
        '"' * 2000,
        "-" * 2000,
        "<" * 2000,
    ],
)
def test_a_hostile_prompt_takes_no_time(prompt: str) -> None:
    started = time.perf_counter()
    extract(prompt[:2000])

    assert time.perf_counter() - started < 1
