"""The user's own models: a folder or a hub repository becomes an entry of the user's catalogue."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from core.exceptions import InvalidInput
from core.model_manager import catalogue
from core.model_manager.entries import ModelEntry
from core.model_manager.records import files_in, hash_files, pickles_in

# Which entry of the built-in catalogue a pipeline class resembles in family, sizes and settings.
RESEMBLES = {"StableDiffusionPipeline": "sd-1.5", "StableDiffusionXLPipeline": "sdxl-base"}


def add_folder(
    *, model_id: str, folder: Path, copy: bool = False, like: str = "", **fields: Any
) -> ModelEntry:
    """Adds a diffusers folder; `copy` takes it into the models folder, else it is used where it is.

    What `fields` (any of ModelEntry's) leave out is taken from the entry `like`, by default the one with
    the same pipeline class. Raises InvalidInput when it is no such folder, holds pickled weights, or the
    fields do not fit.
    """
    folder = folder.expanduser().resolve()
    pipeline = _pipeline_class(folder)
    template = _template(model_id, like or RESEMBLES.get(pipeline, ""), f"the pipeline {pipeline!r}")
    if pickles := pickles_in(folder):
        raise InvalidInput.for_field(
            "path",
            f"{pickles[0]} is a pickle, which can run code when it is loaded. Convert it to safetensors.",
        )
    files = files_in(folder)
    target = Path(settings.STUDIO_MODELS_ROOT) / model_id if copy else folder
    entry = _entry(
        template,
        id=model_id,
        source={"path": str(target)},
        size_bytes=sum(path.stat().st_size for path in files.values()),
        memory_bytes=sum(path.stat().st_size for path in files.values() if path.suffix == ".safetensors"),
        sha256=hash_files(files),
        **fields,
    )
    if copy:
        _copy(folder, target)
    catalogue.save(entry)
    return entry


def add_hub(
    *, model_id: str, hub: str, revision: str = "", variant: str = "", like: str, **fields: Any
) -> ModelEntry:
    """Adds a repository of the hub, without asking the hub; `models pull` gets it. Raises InvalidInput."""
    template = _template(model_id, like, "a hub repository")
    source = {"hub": hub, "revision": revision, "variant": variant}
    entry = _entry(template, id=model_id, source=source, size_bytes=0, memory_bytes=0, sha256={}, **fields)
    catalogue.save(entry)
    return entry


def _pipeline_class(folder: Path) -> str:
    try:
        index = msgspec.json.decode((folder / "model_index.json").read_bytes())
        return str(index["_class_name"])
    except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
        raise InvalidInput.for_field(
            "path", f"{folder} is no diffusers folder: it needs a model_index.json with a _class_name."
        ) from error


def _template(model_id: str, like: str, what: str) -> ModelEntry:
    if model_id in catalogue.read(catalogue.builtin_file()):
        raise InvalidInput.for_field(
            "id", f"{model_id} is a model of the built-in catalogue. Take another id."
        )
    if not like:
        raise InvalidInput.for_field("like", f"Say which known model {what} is like: --like ID.")
    return catalogue.current()[like]


def _entry(template: ModelEntry, **fields: Any) -> ModelEntry:
    """`template` with other `fields`. What is not the template's to say is unknown until somebody says it."""
    unknown = {
        "licence": "LicenseRef-unknown",
        "licence_url": "",
        "commercial_use": False,
        "description": "Added by hand.",
        "default_for": [],
    }
    given = {key: value for key, value in fields.items() if value is not None}
    try:
        return msgspec.convert({**msgspec.to_builtins(template), **unknown, **given}, ModelEntry)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"This does not make a model: {error}.") from error


def _copy(folder: Path, target: Path) -> None:
    if target.exists():
        raise InvalidInput.for_field("path", f"{target} is there already. Remove it first.")
    partial = target.parent / ".partial" / target.name
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(folder, partial)
    partial.rename(target)
