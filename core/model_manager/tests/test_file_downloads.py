"""A model that is one file behind a URL: whole and checked, or absent."""

import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.exceptions import Cancelled, ModelMissing, Unavailable
from core.model_manager import downloads, gates
from core.model_manager.entries import ModelEntry, Source
from core.model_manager.records import verify
from core.model_manager.tests.conftest import FILE, WEIGHTS, MakeEntry
from core.model_manager.tests.hub_server import Hub

MEBIBYTE = 1 << 20


def leftovers(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"}


def changed(entry: ModelEntry, **source: str) -> ModelEntry:
    return msgspec.structs.replace(entry, source=msgspec.structs.replace(entry.source, **source))


def test_a_pull_puts_the_file_in_its_folder(hub: Hub, file_entry: ModelEntry, models_root: Path) -> None:
    told: list[tuple[int, int]] = []
    assert not file_entry.installed
    assert downloads.pull(file_entry, lambda done, total: told.append((done, total))) is None
    assert file_entry.file() == models_root / "nets" / "net" / "net.onnx"
    assert file_entry.file().read_bytes() == WEIGHTS
    assert file_entry.installed
    assert verify(file_entry) == []
    assert told[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert leftovers(models_root) == {"net.onnx"}
    hub.requests.clear()
    downloads.pull(file_entry)
    assert hub.requests == []


def test_folder_and_name_follow_from_id_and_url(file_entry: ModelEntry, models_root: Path) -> None:
    plain = changed(file_entry, folder="", file="")
    assert plain.file() == models_root / "net" / Path(FILE).name


def test_a_file_put_there_by_hand_counts_and_can_be_checked(hub: Hub, file_entry: ModelEntry) -> None:
    with pytest.raises(ModelMissing, match="models pull net"):
        gates.check(file_entry)
    file_entry.folder().mkdir(parents=True)
    assert not file_entry.installed
    file_entry.file().write_bytes(b"another net")
    gates.check(file_entry)
    [problem] = verify(file_entry)
    assert "net.onnx is not the file" in problem
    downloads.pull(file_entry)
    assert verify(file_entry) == []


def test_one_file_in_a_folder_of_ones_own(make_entry: MakeEntry, tmp_path: Path) -> None:
    entry = make_entry("own", source=Source(path=str(tmp_path), file="own.onnx"))
    assert not entry.installed
    entry.file().write_bytes(b"")
    assert entry.file() == tmp_path / "own.onnx"
    assert entry.installed


def test_md5_will_do_where_nothing_better_is_published(hub: Hub, file_entry: ModelEntry) -> None:
    md5 = hashlib.md5(WEIGHTS).hexdigest()
    entry = changed(file_entry, md5=md5, sha256="")
    downloads.pull(entry)
    assert verify(entry) == []


def test_another_file_than_promised_is_not_installed(
    hub: Hub, file_entry: ModelEntry, models_root: Path
) -> None:
    hub.files[FILE] = b"x" + WEIGHTS[1:]
    with pytest.raises(Unavailable) as caught:
        downloads.pull(file_entry)
    assert caught.value.error_code == "download_corrupt"
    assert leftovers(models_root) == set()
    hub.files[FILE] = WEIGHTS
    downloads.pull(file_entry)
    assert file_entry.installed


@pytest.mark.parametrize(("status", "code"), [(404, "file_not_found"), (500, "file_unreachable")])
def test_a_server_that_does_not_give_it(
    hub: Hub, file_entry: ModelEntry, models_root: Path, status: int, code: str
) -> None:
    hub.status = status
    with pytest.raises(Unavailable) as caught:
        downloads.pull(file_entry)
    assert caught.value.error_code == code
    assert leftovers(models_root) == set()


def test_a_server_that_nobody_runs(file_entry: ModelEntry) -> None:
    with pytest.raises(Unavailable) as caught:
        downloads.pull(changed(file_entry, url="http://127.0.0.1:9/net.onnx"))
    assert caught.value.error_code == "file_unreachable"


def test_a_connection_that_breaks_is_resumed_by_the_next_pull(hub: Hub, file_entry: ModelEntry) -> None:
    hub.breaks_off = {FILE: 2 * MEBIBYTE}
    with pytest.raises(Unavailable) as caught:
        downloads.pull(file_entry)
    assert caught.value.error_code == "file_unreachable"
    assert not file_entry.installed
    downloads.pull(file_entry)
    assert len(hub.ranges) == 1
    assert verify(file_entry) == []


def test_a_pull_that_nobody_wants_any_more_is_continued_by_the_next(hub: Hub, file_entry: ModelEntry) -> None:
    def cancelled(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        downloads.pull(file_entry, cancelled)
    assert not file_entry.installed
    downloads.pull(file_entry)
    assert hub.ranges == [f"bytes={MEBIBYTE}-"]
    assert verify(file_entry) == []


def test_a_file_that_was_whole_when_the_process_died(
    hub: Hub, file_entry: ModelEntry, models_root: Path
) -> None:
    (models_root / ".partial" / "net").mkdir(parents=True)
    (models_root / ".partial" / "net" / "net.onnx").write_bytes(WEIGHTS)
    downloads.pull(file_entry)
    assert hub.ranges == [f"bytes={len(WEIGHTS)}-"]
    assert verify(file_entry) == []


def test_remove_leaves_the_neighbours(hub: Hub, file_entry: ModelEntry) -> None:
    downloads.pull(file_entry)
    neighbour = file_entry.folder() / "other.onnx"
    neighbour.write_bytes(b"")
    assert downloads.remove(file_entry) is True
    assert not file_entry.installed
    assert neighbour.exists()
    assert downloads.remove(file_entry) is False


def test_a_pull_on_first_use(hub: Hub, file_entry: ModelEntry, settings: Any) -> None:
    settings.STUDIO_AUTO_PULL = True
    gates.check(file_entry)
    told: list[str] = []
    downloads.fetch(file_entry, told.append)
    assert told[-1].startswith("Downloading net: 2.9\xa0MB of 2.9\xa0MB")
    assert os.listdir(file_entry.folder()) == ["net.onnx"]
