"""What `auto` takes, and what a request may name."""

from pathlib import Path
from typing import Any

import pytest

from core.exceptions import InvalidInput, LicenceNotAccepted, ModelMissing
from core.model_manager.choosing import AUTO, choose, named

ENTRY = """
[[model]]
id = "{id}"
task = "sorting"
family = "test"
loader = "test"
source = {{ path = "{path}" }}
licence = "MIT"
licence_url = ""
commercial_use = {free}
description = "For this test."
default_for = {default_for}
"""


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.STUDIO_MODELS_ROOT = tmp_path
    return tmp_path


def catalogue_of(folder: Path, **models: dict[str, Any]) -> None:
    """Entries by id; `installed`, `free` (of a licence that must be accepted) and `default` as they say."""
    text = ""
    for model_id, facts in models.items():
        path = folder / model_id
        if facts.get("installed", True):
            path.mkdir()
        text += ENTRY.format(
            id=model_id,
            path=path,
            free=str(facts.get("free", True)).lower(),
            default_for='["a.sort"]' if facts.get("default") else "[]",
        )
    (folder / "catalogue.toml").write_text(text)


def chosen(wanted: str = AUTO, *techniques: str) -> str:
    return choose(wanted, task="sorting", operation="a.sort", techniques=techniques)


def test_auto_takes_the_first_that_can_be_used(folder: Path) -> None:
    catalogue_of(folder, absent={"installed": False}, closed={"free": False}, good={}, other={})

    assert chosen(AUTO, "by-hand") == "good"


def test_where_there_are_defaults_auto_is_one_of_them(folder: Path) -> None:
    catalogue_of(folder, special={}, absent={"default": True, "installed": False}, usual={"default": True})

    assert chosen() == "usual"
    assert chosen("special") == "special"


def test_a_technique_comes_before_a_model_for_special_cases(folder: Path) -> None:
    catalogue_of(folder, special={}, absent={"default": True, "installed": False})

    assert chosen(AUTO, "by-hand") == "by-hand"


def test_an_accepted_licence_counts(folder: Path, settings: Any) -> None:
    settings.STUDIO_ACCEPT_LICENCES = ["closed"]
    catalogue_of(folder, closed={"free": False}, good={})

    assert chosen() == "closed"


def test_without_models_the_first_technique_does_it(folder: Path) -> None:
    catalogue_of(folder, absent={"installed": False})

    assert chosen(AUTO, "by-hand", "by-foot") == "by-hand"
    assert chosen("by-foot", "by-hand", "by-foot") == "by-foot"


def test_without_anything_the_answer_says_what_to_install(folder: Path) -> None:
    catalogue_of(folder, absent={"installed": False})

    with pytest.raises(ModelMissing, match="absent"):
        chosen()


def test_what_is_named_must_be_usable(folder: Path) -> None:
    catalogue_of(folder, absent={"installed": False}, closed={"free": False})

    with pytest.raises(ModelMissing):
        chosen("absent", "by-hand")
    with pytest.raises(LicenceNotAccepted):
        chosen("closed", "by-hand")


@pytest.mark.parametrize("wanted", ["starter", "nobody", "../etc"])
def test_another_kind_of_model_is_refused_with_the_choices(folder: Path, wanted: str) -> None:
    catalogue_of(folder, good={})

    with pytest.raises(InvalidInput, match="auto, by-hand, good") as refused:
        chosen(wanted, "by-hand")
    assert "model" in (refused.value.errors or {})


@pytest.mark.parametrize("wanted", [None, AUTO])
def test_who_names_none_gets_the_default(folder: Path, wanted: str | None) -> None:
    catalogue_of(folder, first={}, second={"default": True})

    assert named(wanted, operation="a.sort").id == "second"
    assert named("first", operation="a.sort").id == "first"
    with pytest.raises(InvalidInput):
        named("third", operation="a.sort")
