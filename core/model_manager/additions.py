"""The user's own models: a folder or a hub repository becomes an entry of the user's catalogue."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from core.exceptions import InvalidInput
from core.model_manager import catalogue
from core.model_manager.entries import ModelEntry
from core.model_manager.records import files_in, hash_files, pickles_in

# Which entry of the built-in catalogue a pipeline class resembles in family, sizes and settings.
RESEMBLES = {
    "StableDiffusionPipeline": "sd-1.5",
    "StableDiffusionInpaintPipeline": "sd-1.5",
    "StableDiffusionXLPipeline": "sdxl-base",
    "StableDiffusionXLInpaintPipeline": "sdxl-base",
    "StableDiffusion3Pipeline": "sd-3.5-medium",
    "FluxPipeline": "flux-dev",
    "FluxKontextPipeline": "flux-kontext",
    "QwenImagePipeline": "qwen-image",
    "QwenImageEditPipeline": "qwen-image-edit",
    "QwenImageEditPlusPipeline": "qwen-image-edit",
    "ZImagePipeline": "z-image-turbo",
}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the user says about a model. None: as the model it is like. `size`: its native side in pixels."""

    licence: str = "LicenseRef-unknown"
    licence_url: str = ""
    commercial_use: bool = False
    description: str = "Added by hand."
    dtype: str | None = None
    size: int | None = None
    steps: int | None = None
    guidance_scale: float | None = None

    def fields(self, like: ModelEntry) -> dict[str, Any]:
        """The fields of an entry that is otherwise like `like`."""
        size = self.size or like.sizes.native
        return {
            "licence": self.licence,
            "licence_url": self.licence_url,
            "commercial_use": self.commercial_use,
            "description": self.description,
            "dtype": self.dtype or like.dtype,
            "recommended": {
                "steps": like.recommended.steps if self.steps is None else self.steps,
                "guidance_scale": (
                    like.recommended.guidance_scale if self.guidance_scale is None else self.guidance_scale
                ),
                "width": self.size or like.recommended.width,
                "height": self.size or like.recommended.height,
                "true_cfg_scale": like.recommended.true_cfg_scale,
            },
            "sizes": {
                "native": size,
                "min_side": min(size, like.sizes.min_side),
                "max_side": max(size, like.sizes.max_side),
                "multiple_of": like.sizes.multiple_of,
            },
        }


def add_folder(
    *, model_id: str, folder: Path, copy: bool = False, like: str = "", known: Known | None = None
) -> ModelEntry:
    """Adds a diffusers folder; `copy` takes it into the models folder, else it is used where it is.

    What nobody says about it is taken from the model `like`, by default one with the same pipeline class.
    Raises InvalidInput when it is no such folder, holds pickled weights, or what is said does not fit.
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
    sizes = {name: path.stat().st_size for name, path in files.items()}
    target = Path(settings.STUDIO_MODELS_ROOT) / model_id if copy else folder
    entry = _entry(
        template,
        known,
        id=model_id,
        source={"path": str(target)},
        size_bytes=sum(sizes.values()),
        memory_bytes=sum(size for name, size in sizes.items() if name.endswith(".safetensors")),
        sha256=hash_files(files),
    )
    if copy:
        _copy(folder, target)
    catalogue.save(entry)
    return entry


def add_hub(
    *, model_id: str, hub: str, revision: str = "", variant: str = "", like: str, known: Known | None = None
) -> ModelEntry:
    """Adds a repository of the hub, without asking the hub; `models pull` gets it. Raises InvalidInput."""
    template = _template(model_id, like, "a hub repository")
    source = {"hub": hub, "revision": revision, "variant": variant}
    entry = _entry(template, known, id=model_id, source=source, size_bytes=0, memory_bytes=0, sha256={})
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
    return catalogue.current().named(like)


def _entry(template: ModelEntry, known: Known | None, **fields: Any) -> ModelEntry:
    said = (known or Known()).fields(template)
    table = {**msgspec.to_builtins(template), "default_for": [], **said, **fields}
    try:
        return msgspec.convert(table, ModelEntry)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"This does not make a model: {error}.") from error


def _copy(folder: Path, target: Path) -> None:
    if target.exists():
        raise InvalidInput.for_field("path", f"{target} is there already. Remove it first.")
    partial = target.parent / ".partial" / target.name
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(folder, partial)
    partial.rename(target)
