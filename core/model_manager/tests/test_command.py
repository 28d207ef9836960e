"""`manage.py models`, as somebody at a terminal meets it."""

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.model_manager import catalogue
from core.model_manager.entries import ModelEntry
from core.model_manager.tests.hub_server import REVISION, Hub


def models(*arguments: str) -> str:
    out = StringIO()
    call_command("models", *arguments, stdout=out, stderr=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def folder(models_root: Path, tmp_path: Path) -> Path:
    """A diffusers folder of the user's own."""
    folder = tmp_path / "their model"
    shutil.copytree(catalogue.current()["starter"].folder(), folder)
    return folder


def test_the_list_is_a_table(models_root: Path) -> None:
    lines = models("list").splitlines()
    assert lines[0].split() == ["ID", "TASK", "LICENCE", "COMMERCIAL", "SIZE", "INSTALLED", "DEFAULT"]
    [starter] = [line for line in lines if line.startswith("starter ")]
    assert starter.split()[1:4] == ["text-to-image", "Apache-2.0", "yes"]
    assert starter.split()[-2:] == ["yes", "yes"]
    tasks = lines[0].index("TASK")
    assert all(line[tasks - 1] == " " != line[tasks] for line in lines)


def test_a_folder_becomes_a_model(folder: Path, models_root: Path) -> None:
    said = models("add", "theirs", "--path", str(folder), "--commercial", "--licence", "MIT", "--size", "256")
    assert str(models_root / "catalogue.toml") in said
    assert "STUDIO_ACCEPT_LICENCES" not in said
    entry = catalogue.current()["theirs"]
    assert entry.folder() == folder
    assert entry.installed
    assert (entry.family, entry.loader, entry.licence) == (
        "stable-diffusion",
        "diffusers.text-to-image",
        "MIT",
    )
    assert (entry.recommended.width, entry.sizes.native, entry.sizes.min_side) == (256, 256, 256)
    assert entry.size_bytes == catalogue.current()["starter"].size_bytes
    assert "theirs: every file is as recorded." in models("verify", "theirs")
    (folder / "unet" / "config.json").write_text("{}")
    with pytest.raises(CommandError, match="Some files"):
        models("verify", "theirs")
    models("remove", "theirs")
    assert "theirs" not in catalogue.current()
    assert folder.is_dir()


def test_a_copied_folder_belongs_to_the_studio(folder: Path, models_root: Path) -> None:
    models("add", "theirs", "--path", str(folder), "--copy")
    shutil.rmtree(folder)
    assert catalogue.current()["theirs"].folder() == models_root / "theirs"
    assert "theirs: every file is as recorded." in models("verify", "theirs")
    models("remove", "theirs")
    assert not (models_root / "theirs").exists()


def test_what_may_not_be_added(folder: Path, tmp_path: Path) -> None:
    def refused(*arguments: str) -> str:
        with pytest.raises(CommandError) as caught:
            models("add", *arguments)
        return str(caught.value)

    path = ("--path", str(folder))
    assert "model_index.json" in refused("x", "--path", str(tmp_path / "nowhere"))
    assert "built-in catalogue" in refused("starter", *path)
    assert "--like" in refused("x", "--hub", "a/b")
    assert "no model 'nope'" in refused("x", "--hub", "a/b", "--like", "nope")
    assert "id" in refused("Not An Id", *path)
    assert "id" in refused("../x", "--hub", "a/b", "--like", "starter")
    assert "Take another id" in refused("loras", "--hub", "a/b", "--like", "starter")
    assert "Take another id" in refused("rembg", *path, "--copy")
    assert "hub" in refused("x", "--hub", "https://example.org/a/b", "--like", "starter")
    assert "required" in refused("x")
    assert "not allowed" in refused("x", *path, "--hub", "a/b")
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"")
    assert "diffusion_pytorch_model.bin is a pickle" in refused("x", *path)
    (folder / "model_index.json").write_text("[]")
    assert "model_index.json" in refused("x", *path)
    assert set(catalogue.read(catalogue.users_file())) == set()


def test_from_the_hub(hub: Hub, models_root: Path) -> None:
    said = models("add", "tiny", "--hub", "owner/tiny", "--like", "starter")
    assert "manage.py models pull tiny" in said
    assert "STUDIO_ACCEPT_LICENCES" in said
    said = models("pull", "tiny")
    assert REVISION in said
    assert "set STUDIO_ACCEPT_LICENCES=tiny" in said
    assert "tiny: every file is as recorded." in models("verify")
    said = models("remove", "tiny")
    assert "files deleted, entry removed" in said
    assert "tiny" not in catalogue.current()
    assert not (models_root / "tiny").exists()


def test_a_file_by_its_url(file_entry: ModelEntry, models_root: Path) -> None:
    catalogue.save(file_entry)
    said = models("pull", "net")
    assert f"net is installed in {models_root / 'nets' / 'net'}." in said
    assert "net: every file is as recorded." in models("verify", "net")
    file_entry.file().write_bytes(b"something else")
    with pytest.raises(CommandError, match="Some files"):
        models("verify", "net")
    models("remove", "net")
    assert not file_entry.file().exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["pull", "nope"], "no model 'nope'"),
        (["pull", "starter"], "nothing to pull"),
        (["verify", "sdxl-base"], "manage.py models pull sdxl-base"),
        (["remove", "starter"], "comes with the studio"),
        (["remove", "sdxl-base"], "is not installed"),
        ([], "required"),
        (["pull"], "required"),
    ],
)
def test_what_cannot_be_done_is_said(models_root: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        models(*arguments)


def test_a_broken_catalogue_is_said_in_one_line(models_root: Path) -> None:
    models_root.mkdir()
    (models_root / "catalogue.toml").write_text("[[model]]\nid = 3")
    with pytest.raises(CommandError, match=r"catalogue\.toml"):
        models("list")


def test_unfinished_pulls_are_removed_too(hub: Hub, models_root: Path, settings: Any) -> None:
    models("add", "tiny", "--hub", "owner/tiny", "--like", "starter")
    (models_root / ".partial" / "tiny").mkdir(parents=True)
    models("remove", "tiny")
    assert not (models_root / ".partial" / "tiny").exists()
