"""Pulls from a hub that speaks HTTP: whole and checked, or absent."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.exceptions import Cancelled, ModelMissing, NotPermitted, Unavailable, WrongState
from core.model_manager import catalogue, downloads
from core.model_manager.entries import ModelEntry, Source
from core.model_manager.hub_download import wanted
from core.model_manager.hub_messages import Request
from core.model_manager.records import verify
from core.model_manager.tests.conftest import WEIGHTS, MakeEntry
from core.model_manager.tests.hub_server import REVISION, Hub


@pytest.fixture
def entry(make_entry: MakeEntry, models_root: Path) -> ModelEntry:
    return make_entry("tiny", source=Source(hub="owner/tiny"))


def leftovers(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_pull_takes_the_safe_files_and_records_them(hub: Hub, entry: ModelEntry, models_root: Path) -> None:
    told: list[tuple[int, int]] = []
    assert not entry.installed
    record = downloads.pull(entry, lambda done, total: told.append((done, total)))
    assert entry.installed
    assert record.revision == REVISION
    files = {p.relative_to(entry.folder()).as_posix() for p in entry.folder().rglob("*") if p.is_file()}
    assert files == {
        "studio.json",
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "tokenizer/merges.txt",
    }
    assert record.sha256["unet/diffusion_pytorch_model.safetensors"] == hashlib.sha256(WEIGHTS).hexdigest()
    total = sum(len(hub.files[name]) for name in files - {"studio.json"})
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert verify(entry) == []


def test_a_second_pull_asks_nobody(hub: Hub, entry: ModelEntry) -> None:
    downloads.pull(entry)
    hub.requests.clear()
    downloads.pull(entry)
    assert hub.requests == []


def test_a_variant(hub: Hub, make_entry: MakeEntry, models_root: Path) -> None:
    entry = make_entry("half", source=Source(hub="owner/tiny", variant="fp16", revision=REVISION))
    record = downloads.pull(entry)
    assert {name for name in record.sha256 if name.startswith("unet/")} == {
        "unet/config.json",
        "unet/diffusion_pytorch_model.fp16.safetensors",
    }


def test_the_token_is_sent(hub: Hub, entry: ModelEntry, settings: Any) -> None:
    hub.token = "hf_secret"
    with pytest.raises(Unavailable) as caught:
        downloads.pull(entry)
    assert caught.value.error_code == "hub_not_found"
    settings.STUDIO_HF_TOKEN = "hf_secret"
    downloads.pull(entry)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({"hub": "owner/other"}, "hub_not_found"),
        ({"hub": "owner/tiny", "revision": "f" * 40}, "hub_not_found"),
        ({"hub": "owner/tiny", "variant": "int8", "files": ("unet/*.safetensors",)}, "hub_not_found"),
    ],
)
def test_what_the_hub_does_not_have(
    hub: Hub, make_entry: MakeEntry, models_root: Path, source: dict[str, Any], code: str
) -> None:
    entry = make_entry("tiny", source=Source(**source))
    with pytest.raises(Unavailable) as caught:
        downloads.pull(entry)
    assert caught.value.error_code == code
    assert not entry.folder().exists()
    assert leftovers(models_root) == []


def test_a_hub_that_is_broken(hub: Hub, entry: ModelEntry, models_root: Path) -> None:
    hub.status = 500
    with pytest.raises(Unavailable) as caught:
        downloads.pull(entry)
    assert caught.value.error_code == "hub_unreachable"
    assert not entry.folder().exists()
    assert leftovers(models_root) == []


def test_a_hub_that_nobody_runs(entry: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unavailable) as caught:
        downloads.pull(entry)
    assert caught.value.error_code == "hub_unreachable"
    assert not entry.installed


def test_damaged_files_are_not_installed(hub: Hub, entry: ModelEntry, models_root: Path) -> None:
    hub.lies_about_sha256 = {"unet/diffusion_pytorch_model.safetensors"}
    with pytest.raises(Unavailable) as caught:
        downloads.pull(entry)
    assert caught.value.error_code == "download_corrupt"
    assert "unet/diffusion_pytorch_model.safetensors" in caught.value.message
    assert not entry.folder().exists()
    assert leftovers(models_root) == []
    hub.lies_about_sha256.clear()
    downloads.pull(entry)


def test_the_catalogues_own_hash_counts(hub: Hub, make_entry: MakeEntry, models_root: Path) -> None:
    entry = make_entry("tiny", source=Source(hub="owner/tiny"), sha256={"unet/config.json": "1" * 64})
    with pytest.raises(Unavailable) as caught:
        downloads.pull(entry)
    assert caught.value.error_code == "download_corrupt"


def test_a_connection_that_breaks_is_resumed(hub: Hub, entry: ModelEntry) -> None:
    name = "unet/diffusion_pytorch_model.safetensors"
    hub.files[name] = 4 * WEIGHTS  # more than huggingface_hub's buffer of 10 MiB
    hub.breaks_off = {name: 11_000_000}
    downloads.pull(entry)
    assert hub.ranges == [f"bytes={10 * 2**20}-"]
    assert verify(entry) == []


def test_a_pull_that_nobody_wants_any_more_is_continued_by_the_next(
    hub: Hub, entry: ModelEntry, models_root: Path
) -> None:
    def cancelled(done: int, total: int) -> None:
        if done > len(hub.files["model_index.json"]):
            raise Cancelled

    with pytest.raises(Cancelled):
        downloads.pull(entry, cancelled)
    assert not entry.installed
    hub.requests.clear()
    del hub.files["tokenizer/merges.txt"]  # a newer revision may have fewer files
    (models_root / ".partial/tiny/tokenizer").mkdir(exist_ok=True)
    (models_root / ".partial/tiny/tokenizer/merges.txt").write_text("a b")
    downloads.pull(entry)
    assert not (entry.folder() / "tokenizer/merges.txt").exists()
    assert "GET /owner/tiny/resolve/" + REVISION + "/model_index.json" not in hub.requests
    assert verify(entry) == []


def test_a_pull_that_was_killed_between_two_revisions_leaves_the_old_one(
    hub: Hub, entry: ModelEntry, models_root: Path
) -> None:
    downloads.pull(entry)
    killed = models_root / ".partial" / "tiny~old"
    entry.folder().rename(killed)
    hub.status = 500
    newer = msgspec.structs.replace(entry, source=Source(hub="owner/tiny", revision="c" * 40))
    with pytest.raises(Unavailable):
        downloads.pull(newer)
    assert verify(entry) == []
    entry.folder().rename(killed)
    assert downloads.remove(entry) is True
    assert not killed.exists()


def test_verify_finds_what_has_changed(hub: Hub, entry: ModelEntry) -> None:
    with pytest.raises(ModelMissing):
        verify(entry)
    downloads.pull(entry)
    folder = entry.folder()
    (folder / "unet/config.json").write_bytes(b"{ }")
    (folder / "tokenizer/merges.txt").unlink()
    (folder / "unet/extra.bin").write_bytes(b"")
    moved = msgspec.structs.replace(entry, source=Source(hub="owner/tiny", revision="c" * 40))
    problems = "\n".join(verify(moved))
    assert problems.count("\n") == 3
    for part in ("unet/config.json is not", "merges.txt is missing", "extra.bin is a pickle", "c" * 40):
        assert part in problems


def test_the_built_in_model_is_as_the_catalogue_says() -> None:
    entry = catalogue.current()["starter"]
    assert verify(entry) == []
    assert entry.size_bytes == sum(p.stat().st_size for p in entry.folder().rglob("*") if p.is_file())


def test_remove(hub: Hub, entry: ModelEntry, make_entry: MakeEntry, models_root: Path) -> None:
    downloads.pull(entry)
    assert downloads.remove(entry) is True
    assert not entry.folder().exists()
    assert downloads.remove(entry) is False
    with pytest.raises(NotPermitted):
        downloads.remove(catalogue.current()["starter"])
    outside = make_entry("outside")
    assert downloads.remove(outside) is False
    assert outside.folder().is_dir()
    assert downloads.remove(make_entry("root", source=Source(path=str(models_root)))) is False
    assert models_root.is_dir()


def test_only_hub_models_are_pulled(make_entry: MakeEntry) -> None:
    with pytest.raises(WrongState):
        downloads.pull(make_entry("local"))


def test_fetch_says_how_far_it_is(hub: Hub, entry: ModelEntry) -> None:
    told: list[str] = []
    waiting: Callable[[str], None] = told.append
    downloads.fetch(entry, waiting)
    assert told[-1].startswith("Downloading tiny: 2.9\xa0MB of 2.9\xa0MB")


@pytest.mark.parametrize(
    ("name", "variant", "expected"),
    [
        ("unet/model.safetensors", "", True),
        ("unet/model.fp16.safetensors", "", False),
        ("unet/model.fp16.safetensors", "fp16", True),
        ("unet/model.safetensors", "fp16", False),
        ("unet/model-00001-of-00002.safetensors", "", True),
        ("unet/model.fp16-00001-of-00002.safetensors", "fp16", True),
        ("unet/model.safetensors.index.json", "", True),
        ("model_index.json", "", True),
        ("sd_xl_turbo_1.0.safetensors", "", False),
        ("unet/model.non_ema.safetensors", "non_ema", False),
        ("vae_decoder/model.onnx", "", False),
        ("unet/model.bin", "", False),
        ("unet/model.ckpt", "", False),
        ("../model_index.json", "", False),
        ("/etc/x.json", "", False),
        ("unet/../../x.json", "", False),
    ],
)
def test_which_files_are_pulled(name: str, variant: str, expected: bool) -> None:
    request = Request(
        repo="o/n", revision="", variant=variant, files=("model_index.json", "*/*"), folder="", token=""
    )
    assert wanted(name, request) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("encoder.onnx", True), ("other.onnx", False), ("../encoder.onnx", False), ("encoder.pt", False)],
)
def test_an_onnx_file_is_pulled_when_it_is_named(name: str, expected: bool) -> None:
    files = ("encoder.onnx", "../encoder.onnx", "*.pt", "*.onnx")
    request = Request(repo="o/n", revision="", variant="", files=files, folder="", token="")
    assert wanted(name, request) is expected
