"""What is wrong with a prompt is said, and its tokens are those of the model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from apps.prompt_refinement import tokens
from core.model_manager import catalogue

STARTER = catalogue.current()["starter"].folder() / "tokenizer"


def issues(post: Callable[[str, Any], HttpResponse], prompt: str, **context: str) -> dict[str, Any]:
    answer = post("validate", {"prompt": prompt, "context": context})
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    assert len(said["suggestions"]) == len(said["issues"])
    return said


def codes(said: dict[str, Any]) -> set[str]:
    return {issue["code"] for issue in said["issues"]}


def test_a_good_prompt(post: Callable[[str, Any], HttpResponse]) -> None:
    said = issues(post, "an orange cat on a table in the morning light")

    assert said["valid"] is True
    assert said["issues"] == []
    assert said["length"] == 45
    assert 9 <= said["token_estimate"] <= said["token_limit"] == 38
    assert (said["tokens_exact"], said["language"]) == (True, "en")


@pytest.mark.parametrize(
    ("prompt", "code", "valid"),
    [
        ("", "empty", False),
        (" ,., ", "empty", False),
        ("a cat " * 400, "too_long", False),
        ("a cat on a mat " * 20, "too_many_tokens", True),
        ("a city without people", "negation", True),
        ("phố cổ, không có người", "negation", True),
        ("a (cat on a mat", "unbalanced_brackets", True),
        ("a cat) on a mat", "unbalanced_brackets", True),
        ("[a cat) on a mat", "unbalanced_brackets", True),
        ("very very very very large cat", "repeated_words", True),
        ("cat", "too_short", True),
    ],
)
def test_each_issue_is_found(
    post: Callable[[str, Any], HttpResponse], prompt: str, code: str, valid: bool
) -> None:
    said = issues(post, prompt)

    assert code in codes(said)
    assert said["valid"] is valid


@pytest.mark.parametrize(
    "prompt", [r"a cat \(animal\) on a mat", "a smiling cat on a mat :)", "a ((cat:1.2)) on it"]
)
def test_brackets_that_are_right(post: Callable[[str, Any], HttpResponse], prompt: str) -> None:
    assert "unbalanced_brackets" not in codes(issues(post, prompt))


def test_a_model_that_is_not_installed_is_estimated(post: Callable[[str, Any], HttpResponse]) -> None:
    said = issues(post, "an orange cat on a table in the morning light", model="sdxl-base")

    assert (said["tokens_exact"], said["token_limit"]) == (False, 75)
    assert 10 <= said["token_estimate"] <= 15


PIECES = st.sampled_from(
    [
        "a cat's",
        "12",
        "don't",
        "chất lượng",
        ",",
        ".",
        "!!!",
        "<|",
        "(",
        "émigré",
        "猫",
        "🐱",
        "x_y",
        "8k",
        "HDR-like",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=12).map(" ".join), st.text(max_size=60))


@pytest.fixture(scope="module")
def real() -> Any:
    """The tokenizer that the pipeline itself uses."""
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(STARTER, local_files_only=True)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter's tokenizer in the form in which most CLIP models bring theirs: without tokenizer.json."""
    folder = tmp_path_factory.mktemp("older")
    for name in ("vocab.json", "merges.txt", "tokenizer_config.json"):
        (folder / name).write_bytes((STARTER / name).read_bytes())
    return folder


@given(text=TEXTS)
def test_tokens_are_counted_as_the_pipeline_counts_them(text: str, real: Any, older: Path) -> None:
    expected = len(real(text, add_special_tokens=False, truncation=False)["input_ids"])

    for folder in (STARTER, older):
        reads = tokens._reader(folder, tokens._stamp(folder), 77, 2, True)
        assert reads.exact
        assert reads.limit == 38
        assert reads.count(text) == expected


def test_a_spoilt_tokenizer_config_is_no_reason_to_fail(tmp_path: Path) -> None:
    for name, content in (("tokenizer_config.json", "[1"), ("tokenizer.json", "{}")):
        (tmp_path / name).write_text(content)

    reads = tokens._reader(tmp_path, tokens._stamp(tmp_path), 77, 2, True)

    assert (reads.exact, reads.limit) == (False, 75)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "prompt",
    [
        "<" * 9000 + "free " * 990 + "no x" + "\nof x" * 990,
        "“" * 19_000 + "no cats",
        "«" * 19_000 + "no cats",
    ],
)
def test_no_prompt_takes_long(post: Callable[[str, Any], HttpResponse], prompt: str) -> None:
    """Minutes, for a few KB, when each of its openings looked for an end of its own."""
    assert "too_long" in codes(issues(post, prompt))
