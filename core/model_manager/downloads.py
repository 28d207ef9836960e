"""Getting models from the Hugging Face Hub or a URL, and rid of them. Nothing else here uses a network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from filelock import FileLock, Timeout

from core.exceptions import NotPermitted, Unavailable, WrongState
from core.model_manager import file_download
from core.model_manager.entries import ModelEntry
from core.model_manager.hub_messages import Event, RemoteFile, Request
from core.model_manager.records import (
    Progress,
    Record,
    files_in,
    hash_files,
    is_promised,
    read_record,
    write_record,
)

# What has arrived is kept, and the next pull goes on from there.
RESUMABLE = {"hub_unreachable", "file_unreachable", "disk_full"}


def pull(entry: ModelEntry, progress: Progress | None = None) -> Record | None:
    """Downloads the files of `entry` into the models folder, all or nothing, and checks their hashes.

    Gives the record it left beside them; None for a single file, whose hash the catalogue knows.
    `progress(done, total)` is told of bytes; what it raises ends the download, and the next one continues
    it. A second pull of the same model waits for the first. Raises WrongState for a model that comes from no
    network, and Unavailable (`hub_not_found`, `hub_denied`, `hub_unreachable`, `file_not_found`,
    `file_unreachable`, `disk_full`, `download_failed`, `download_corrupt`).
    """
    if not entry.source.can_be_pulled:
        raise WrongState(f"{entry.id} does not come from a network: there is nothing to pull.")
    progress = progress or _ignore
    partial = _partial(entry)
    partial.parent.mkdir(parents=True, exist_ok=True)
    with _held(FileLock(partial.with_name(f"{entry.id}.lock")), progress):
        try:
            if entry.source.hub:
                return _pull_hub(entry, partial, progress)
            _pull_file(entry, partial, progress)
        except Unavailable as error:
            if error.error_code not in RESUMABLE:
                shutil.rmtree(partial, ignore_errors=True)
            raise
    return None


def fetch(entry: ModelEntry, waiting: Callable[[str], None]) -> None:
    """`pull` for somebody who waits: `waiting(message)` is told how far it is."""
    told = ""

    def progress(done: int, total: int) -> None:
        nonlocal told
        message = f"Downloading {entry.id}: {filesizeformat(done)} of {filesizeformat(total)}"
        if message != told:
            told = message
            waiting(message)

    pull(entry, progress)


def remove(entry: ModelEntry) -> bool:
    """Deletes the files of `entry` and what an unfinished pull left; False when there were none.

    Only ever deletes below the models folder. Raises NotPermitted for a model that comes with the studio.
    """
    if entry.source.builtin:
        raise NotPermitted(f"{entry.id} comes with the studio and is not removed.")
    root = Path(settings.STUDIO_MODELS_ROOT).resolve()
    installed = entry.file() if entry.source.url else entry.folder()
    found = False
    partial = _partial(entry)
    for path in (partial.resolve(), _old(partial).resolve(), installed.resolve()):
        if path == root or not path.is_relative_to(root) or not path.exists():
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        found = True
    return found


def _pull_hub(entry: ModelEntry, partial: Path, progress: Progress) -> Record:
    _put_back(partial, entry.folder())
    record = read_record(entry.folder())
    if record and record.hub == entry.source.hub and entry.source.revision in {"", record.revision}:
        return record
    plan = _download(entry, partial, progress)
    record = Record(hub=entry.source.hub, revision=plan.revision, sha256=_check(entry, partial, plan))
    _tidy(partial, record)
    write_record(partial, record)
    _put_in_place(partial, entry.folder())
    return record


def _pull_file(entry: ModelEntry, partial: Path, progress: Progress) -> None:
    file = entry.file()
    if file.is_file() and is_promised(file, entry.source):
        return
    partial.mkdir(exist_ok=True)
    part = partial / file.name
    file_download.download(entry.source.url, part, progress)
    if not is_promised(part, entry.source):
        raise _damaged(file.name, entry.source.url)
    file.parent.mkdir(parents=True, exist_ok=True)
    part.replace(file)
    partial.rmdir()


def _partial(entry: ModelEntry) -> Path:
    return Path(settings.STUDIO_MODELS_ROOT) / ".partial" / entry.id


def _old(partial: Path) -> Path:
    """Where the folder that is installed waits while the new one takes its place."""
    return partial.with_name(f"{partial.name}~old")


def _download(entry: ModelEntry, folder: Path, progress: Progress) -> Event:
    """Runs the program that speaks to the hub; gives its plan once every file is there."""
    request = Request(
        repo=entry.source.hub,
        revision=entry.source.revision,
        variant=entry.source.variant,
        files=entry.source.files,
        folder=str(folder),
        token=settings.STUDIO_HF_TOKEN,
    )
    plan = Event()
    with _hub_process() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(msgspec.json.encode(request))
            process.stdin.close()
            for line in process.stdout:
                event = msgspec.json.decode(line, type=Event)
                if event.error:
                    raise Unavailable(event.error, code=event.code)
                if event.revision:
                    plan = event
                    _require_files(entry, plan)
                progress(event.done, _total(plan.files))
            if process.wait():
                raise Unavailable(f"The download of {entry.id} was killed.", code="hub_unreachable")
        finally:
            if process.poll() is None:
                process.terminate()
    return plan


def _hub_process() -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0"}  # elsewhere: offline
    return subprocess.Popen(
        [sys.executable, "-m", "core.model_manager.hub_download"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _require_files(entry: ModelEntry, plan: Event) -> None:
    if not plan.files:
        raise Unavailable(
            f"{entry.source.hub} has no safetensors files of the kind the catalogue asks for.",
            code="hub_not_found",
        )


def _check(entry: ModelEntry, folder: Path, plan: Event) -> dict[str, str]:
    """The sha256 of every file of the plan; Unavailable (`download_corrupt`) when one is not as promised."""
    paths = {name: folder / name for name in plan.files}
    missing = [name for name, path in paths.items() if not path.is_file()]
    hashes = {} if missing else hash_files(paths)
    for name, file in plan.files.items():
        expected = entry.sha256.get(name) or file.sha256 or hashes.get(name)
        if name in missing or paths[name].stat().st_size != file.size or hashes[name] != expected:
            raise _damaged(name, entry.source.hub)
    return hashes


def _damaged(name: str, source: str) -> Unavailable:
    return Unavailable(
        f"{name} of {source} arrived damaged; nothing was installed. Pull again.", code="download_corrupt"
    )


def _tidy(folder: Path, record: Record) -> None:
    """Leaves only what is on record: no notes of huggingface_hub's, nothing of an unfinished pull."""
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    for name, path in files_in(folder).items():
        if name not in record.sha256:
            path.unlink()


def _put_in_place(partial: Path, folder: Path) -> None:
    """Moves the finished folder to where models are looked for: there before, or there after, never half."""
    old = _old(partial)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _put_back(partial: Path, folder: Path) -> None:
    """Undoes what is left of `_put_in_place` where that was killed half-way."""
    old = _old(partial)
    if old.exists() and not folder.exists():
        old.rename(folder)


@contextmanager
def _held(lock: FileLock, progress: Progress) -> Iterator[None]:
    """Holds `lock`; while another process does, `progress(0, 0)` may end the wait."""
    while True:
        try:
            lock.acquire(timeout=1)
            break
        except Timeout:
            progress(0, 0)
    try:
        yield
    finally:
        lock.release()


def _total(files: Mapping[str, RemoteFile]) -> int:
    return sum(file.size for file in files.values())


def _ignore(done: int, total: int) -> None:
    """For callers who do not ask how far it is."""
