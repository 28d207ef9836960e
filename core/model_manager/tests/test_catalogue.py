"""The catalogue: what comes with the code, what the user adds, and what is wrong with a file."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import LicenceNotAccepted, ModelMissing, OperationFailed
from core.jobs.tests.studio import Studio
from core.model_manager import catalogue, gates
from core.model_manager.catalogue import CatalogueError
from core.model_manager.entries import ModelEntry, Recommended, Sizes, Source
from core.model_manager.tests.conftest import MakeEntry

ENTRY = """
[[model]]
id = "mine"
task = "array"
family = "array"
loader = "tests.numpy"
source = { path = "/nowhere" }
licence = "MIT"
licence_url = ""
commercial_use = true
description = "Mine."
"""


@pytest.fixture
def users_file(settings: Any, tmp_path: Path) -> Path:
    settings.STUDIO_MODELS_ROOT = tmp_path
    return tmp_path / "catalogue.toml"


def test_the_built_in_catalogue() -> None:
    known = catalogue.read(catalogue.builtin_file())
    assert {"starter", "sdxl-turbo", "sd-turbo", "sd-1.5", "sdxl-base"} <= set(known)
    for entry in known.values():
        assert entry.licence_url.startswith("https://")
        assert entry.description
        if entry.source.hub:
            assert re.fullmatch("[0-9a-f]{40}", entry.source.revision), entry.id
        assert entry.recommended.width % entry.sizes.multiple_of == 0
    starter = known["starter"]
    assert starter.installed
    assert starter.folder().name == "model"
    assert starter.size_bytes == sum(p.stat().st_size for p in starter.folder().rglob("*") if p.is_file())


def test_the_default_follows_the_setting(settings: Any) -> None:
    assert catalogue.current().default("image_generation.generate").id == "starter"
    settings.STUDIO_IMAGE_MODEL = "sdxl-turbo"
    assert catalogue.current().default("image_generation.generate").id == "sdxl-turbo"
    assert catalogue.current()["starter"].default_for == ()
    settings.STUDIO_IMAGE_MODEL = "somebody/else"
    assert catalogue.current().default("image_generation.generate").id == "starter"
    with pytest.raises(OperationFailed):
        catalogue.current().default("no.such_operation")


def test_a_default_of_the_users_own_comes_before_the_studios(users_file: Path) -> None:
    operation = "image_generation.edit"
    own = ENTRY + f'default_for = ["{operation}"]'
    users_file.write_text(own)
    assert catalogue.current().default(operation).id == "mine"
    users_file.write_text(own.replace('"mine"', '"other"') + own)
    assert [entry.id for entry in catalogue.current().defaults(operation)] == ["other", "mine", "starter"]


def test_the_users_catalogue_adds_and_replaces_without_a_restart(users_file: Path) -> None:
    assert "mine" not in catalogue.current()
    users_file.write_text(ENTRY + ENTRY.replace('"mine"', '"starter"'))
    assert catalogue.current()["mine"].description == "Mine."
    assert catalogue.current()["starter"].task == "array"
    users_file.unlink()
    assert catalogue.current()["starter"].task == "text-to-image"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("model = 3\nmodel = 4", "cannot be read"),
        ("[models]", "unknown table 'models'"),
        ("model = 3", "a list of tables"),
        ("model = [3]", "a model: "),
        (ENTRY + ENTRY, "'mine' is there twice"),
        (ENTRY.replace('licence = "MIT"', ""), "mine: .*`licence`"),
        (ENTRY + "stesp = 3", "mine: .*`stesp`"),
        (ENTRY.replace('"mine"', '"../mine"'), "../mine: .*id"),
        (ENTRY.replace('"mine"', '"catalogue.toml"'), "keeps that name"),
        (ENTRY.replace('"mine"', '"loras"'), "Take another id"),
        (ENTRY.replace('"mine"', '"rembg"'), "Take another id"),
        (ENTRY.replace('"/nowhere"', '"nowhere"'), "absolute"),
        (ENTRY.replace('{ path = "/nowhere" }', "{}"), "exactly one of"),
        (ENTRY.replace('{ path = "/nowhere" }', '{ path = "/a", hub = "a/b" }'), "exactly one of"),
        (ENTRY.replace("path", "by_hand = true, path"), "exactly one of"),
        (
            ENTRY.replace('{ path = "/nowhere" }', '{ url = "https://example.org/a.onnx" }'),
            "md5 or the sha256",
        ),
        (
            ENTRY.replace("path", f'md5 = "{32 * "0"}", url').replace("/nowhere", "http://example.org/a"),
            "url",
        ),
        (
            ENTRY.replace("path", f'md5 = "{32 * "0"}", url').replace("/nowhere", "https://a.org/"),
            "source.file",
        ),
        (ENTRY.replace("path", 'folder = "../up", path'), "folder"),
        (ENTRY.replace("path", 'folder = "models", path'), "are for a url"),
        (ENTRY.replace("path", 'file = "../a.onnx", path'), "plain name"),
        (ENTRY.replace('path = "/nowhere"', 'file = "a.onnx", hub = "a/b"'), "url or a path"),
        (ENTRY.replace('"array"', '"text-to-image"', 1), "needs recommended and sizes"),
        (ENTRY + "sizes = { min_side = 9, native = 8, max_side = 9 }", "min_side <= native"),
        (ENTRY + 'dtype = "int8"', "dtype"),
        (ENTRY + 'sha256 = { "a" = "b" }', "sha256"),
        (ENTRY.replace("true", '"yes"'), "commercial_use"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_said(users_file: Path, text: str, says: str) -> None:
    users_file.write_text(text)
    with pytest.raises(CatalogueError, match=says) as caught:
        catalogue.current()
    assert str(users_file.parent) not in caught.value.message
    assert [error.id for error in checks.run_checks() if error.id == "model_manager.E001"]


def test_a_check_names_a_broken_catalogue(users_file: Path) -> None:
    call_command("check")
    users_file.write_bytes(b"\xff")
    with pytest.raises(SystemCheckError, match="cannot be read"):
        call_command("check")


def test_a_broken_catalogue_stops_the_start(tmp_path: Path) -> None:
    models = tmp_path / "state" / "models"
    models.mkdir(parents=True)
    (models / "catalogue.toml").write_text(ENTRY.replace("true", '"yes"'))
    with closing(Studio(tmp_path)) as studio:
        with pytest.raises(AssertionError, match=r"catalogue\.toml.*mine.*commercial_use"):
            studio.start()
        assert studio.process
        assert studio.process.returncode == 1
    assert "Traceback" not in studio.log.read_text()


def test_save_and_forget(users_file: Path, make_entry: MakeEntry) -> None:
    one, two = make_entry("one"), make_entry("two", description='"quoted"\n\\ and ü')
    catalogue.save(one)
    catalogue.save(two)
    assert catalogue.read(users_file) == {"one": one, "two": two}
    assert catalogue.current()["two"] == two
    assert catalogue.forget("one") is True
    assert catalogue.forget("one") is False
    assert catalogue.read(users_file) == {"two": two}


texts = st.text(st.characters(codec="utf-8"))
sides = st.integers(1, 8192)


@given(
    description=texts,
    licence=texts,
    steps=st.integers(1, 100),
    guidance=st.floats(0, 20),
    commercial=st.booleans(),
    side=sides,
    variant=st.sampled_from(["", "fp16"]),
    sha256=st.dictionaries(texts, st.from_regex(r"[0-9a-f]{64}", fullmatch=True), max_size=3),
)
def test_every_entry_survives_the_file(
    description: str,
    licence: str,
    steps: int,
    guidance: float,
    commercial: bool,
    side: int,
    variant: str,
    sha256: dict[str, str],
) -> None:
    import tempfile

    from django.test import override_settings

    entry = ModelEntry(
        id="any",
        task="text-to-image",
        family="f",
        loader="l",
        source=Source(hub="a/b", variant=variant),
        licence=licence,
        licence_url="",
        commercial_use=commercial,
        description=description,
        recommended=Recommended(steps=steps, guidance_scale=guidance, width=side, height=side),
        sizes=Sizes(min_side=side, max_side=side, native=side),
        sha256=sha256,
    )
    with tempfile.TemporaryDirectory() as folder, override_settings(STUDIO_MODELS_ROOT=Path(folder)):
        catalogue.save(entry)
        assert catalogue.read(catalogue.users_file()) == {"any": entry}


def test_dtype_and_memory_depend_on_the_kind_of_device(make_entry: MakeEntry) -> None:
    entry = make_entry("a", memory_bytes=100, dtype="float16", dtype_on_cpu="float32")
    assert (entry.dtype_on("cuda"), entry.memory_on("cuda")) == ("float16", 100)
    assert (entry.dtype_on("cpu"), entry.memory_on("cpu")) == ("float32", 200)
    same = msgspec.structs.replace(entry, dtype_on_cpu=None)
    assert (same.dtype_on("cpu"), same.memory_on("cpu")) == ("float16", 100)


def test_a_hub_model_that_says_nothing_of_its_size_takes_what_its_weights_take(
    make_entry: MakeEntry, settings: Any, tmp_path: Path
) -> None:
    settings.STUDIO_MODELS_ROOT = tmp_path
    entry = make_entry("mine", source=Source(hub="owner/name"), size_bytes=0, dtype="float16")
    assert entry.memory_on("cuda") == 0
    (tmp_path / "mine" / "unet").mkdir(parents=True)
    (tmp_path / "mine" / "unet" / "model.safetensors").write_bytes(b"x" * 70)
    (tmp_path / "mine" / "model_index.json").write_bytes(b"{}")
    assert entry.memory_on("cuda") == 70


def test_what_a_request_is_told_before_it_is_queued(
    settings: Any, make_entry: MakeEntry, users_file: Path
) -> None:
    gates.check(make_entry("fine"))
    hub = make_entry("hub", source=Source(hub="a/b"))
    with pytest.raises(ModelMissing):
        gates.check(hub)
    settings.STUDIO_AUTO_PULL = True
    gates.check(hub)
    with pytest.raises(ModelMissing, match="folder brought of the models folder"):
        gates.check(make_entry("brought", source=Source(by_hand=True)))
    closed = make_entry("closed", commercial_use=False, licence="X")
    with pytest.raises(LicenceNotAccepted):
        gates.check(closed)
    settings.STUDIO_ACCEPT_LICENCES = ["x"]
    gates.check(closed)
