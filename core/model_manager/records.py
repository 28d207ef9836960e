"""What a model's folder should contain: the record a pull leaves behind, and checking a folder against it."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from core.exceptions import OperationFailed
from core.model_manager import gates
from core.model_manager.entries import RECORD, ModelEntry, Source

PICKLES = {".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".joblib"}  # loading one can run anybody's code

Progress = Callable[[int, int], None]  # (bytes done, bytes in all)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`studio.json`: which revision of which hub repository this is, and the sha256 of each of its files."""

    hub: str
    revision: str
    sha256: dict[str, str]


def read_record(folder: Path) -> Record | None:
    """The record of a pulled folder; None for one that was not pulled. OperationFailed when it is damaged."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=Record)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise OperationFailed(
            f"{RECORD} of {folder.name} is damaged: {error}.", code="record_damaged"
        ) from error


def write_record(folder: Path, record: Record) -> None:
    """Marks `folder` as whole."""
    (folder / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))


def files_in(folder: Path) -> dict[str, Path]:
    """Every file below `folder` by its posix name, hidden ones and the record left out."""
    found = ((path.relative_to(folder), path) for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        name.as_posix(): path
        for name, path in found
        if name.as_posix() != RECORD and not any(part.startswith(".") for part in name.parts)
    }


def pickles_in(folder: Path) -> list[str]:
    """The names of files that could run code when they are loaded."""
    return [name for name, path in files_in(folder).items() if path.suffix.lower() in PICKLES]


def hash_files(files: Mapping[str, Path], progress: Progress | None = None) -> dict[str, str]:
    """The sha256 of each file, in hex, by the same names."""
    total = sum(path.stat().st_size for path in files.values())
    done = 0
    hashes: dict[str, str] = {}
    for name, path in files.items():
        hashes[name] = hash_file(path, "sha256")
        done += path.stat().st_size
        if progress:
            progress(done, total)
    return hashes


def hash_file(path: Path, algorithm: str) -> str:
    """The hash of one file, in hex, by `md5` or `sha256`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def is_promised(path: Path, source: Source) -> bool:
    """Whether `path` holds the very file that a `url` promises, by its `sha256` or `md5`."""
    if source.sha256:
        return hash_file(path, "sha256") == source.sha256
    return hash_file(path, "md5") == source.md5


def verify(entry: ModelEntry, progress: Progress | None = None) -> list[str]:
    """What is wrong with the files of `entry`, a sentence each; empty when they are what they should be.

    Hashes every file: seconds to minutes. Raises ModelMissing when the model is not installed.
    """
    gates.check_installed(entry)
    if entry.source.remote:  # it has no files here
        return []
    if entry.source.url:
        return _verify_file(entry, progress)
    folder = entry.folder()
    record = read_record(folder)
    expected = {**(record.sha256 if record else {}), **entry.sha256}
    if not expected:
        return ["Nothing is known about these files: add the model again to record their hashes."]
    problems = [f"{name} is a pickle, which can run code when it is loaded." for name in pickles_in(folder)]
    if record and entry.source.revision and record.revision != entry.source.revision:
        problems.append(
            f"Revision {record.revision} is installed; the catalogue wants {entry.source.revision}."
        )
    present = {name: folder / name for name in expected if (folder / name).is_file()}
    found = hash_files(present, progress)
    for name, sha256 in expected.items():
        if name not in found:
            problems.append(f"{name} is missing.")
        elif found[name] != sha256:
            problems.append(f"{name} is not the file it should be (sha256 {found[name]}).")
    return problems


def _verify_file(entry: ModelEntry, progress: Progress | None) -> list[str]:
    file = entry.file()
    size = file.stat().st_size
    promised = is_promised(file, entry.source)
    if progress:
        progress(size, size)
    return [] if promised else [f"{file.name} is not the file that {entry.source.url} promises."]
