"""The LoRAs that are installed here: `*.safetensors` in the folder `loras/` of the models folder.

Only the headers of the files are read, without torch: the web process lists them and refuses early what must
not reach the device. Whether a LoRA fits a model is seen when it is loaded (`engines.lora.adapters`).
"""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from safetensors import SafetensorError, safe_open

from apps.image_generation.loras import headers
from core.exceptions import InvalidInput, Unavailable
from core.model_manager.records import PICKLES

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SUFFIX = ".safetensors"
# A file is read whole. The largest that people share, of high rank for Flux, have half as much.
MOST_BYTES = 4_000_000_000


@dataclass(frozen=True)
class Installed:
    """One file. `rank` is the largest of its layers; what its header does not say is "".

    `problem` says why it cannot be used; "" when it can.
    """

    name: str
    file: Path
    bytes: int
    created: datetime
    base_model: str = ""
    family: str = ""
    trigger: str = ""
    rank: int | None = None
    problem: str = ""


def folder() -> Path:
    """Where LoRAs are put. It need not exist."""
    return Path(settings.STUDIO_MODELS_ROOT) / "loras"


def installed() -> list[Installed]:
    """Every LoRA here by name, those that cannot be used among them. Links that lead elsewhere are not."""
    if not folder().is_dir():
        return []
    files = sorted(path for path in folder().iterdir() if path.suffix == SUFFIX)
    return [_described(path) for path in files if _is_here(path)]


def get(name: str) -> Installed:
    """The LoRA called `name`. Raises InvalidInput (field `loras`) when it is not here or cannot be used."""
    path = file_of(name)
    if not NAME.fullmatch(name) or not _is_here(path):
        raise InvalidInput.for_field("loras", _absence(name), code="unknown_lora")
    found = _described(path)
    if found.problem:
        raise InvalidInput.for_field("loras", f"The LoRA {name} {found.problem}", code="lora_unusable")
    return found


def file_of(name: str) -> Path:
    """Where the LoRA called `name` is, or would be."""
    return folder() / f"{name}{SUFFIX}"


def make_writable() -> None:
    """Makes the folder, if need be. Raises Unavailable when nothing can be put into it."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder()):
            return
    except OSError as error:
        raise Unavailable(
            "The folder loras/ of the models folder cannot be written to: what is trained has no place.",
            code="loras_not_writable",
        ) from error


def header_of(name: str) -> dict[str, str]:
    """The metadata in the file's header; empty without a sound file."""
    try:
        with safe_open(file_of(name), framework="np") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError, ValueError):
        return {}


def _absence(name: str) -> str:
    if NAME.fullmatch(name) and any((folder() / f"{name}{suffix}").is_file() for suffix in PICKLES):
        return (
            f"The LoRA {name} is a pickle, which can run code when it is loaded. Convert it to safetensors."
        )
    known = ", ".join(each.name for each in installed() if not each.problem) or "none"
    return f"There is no LoRA {name!r:.120}. Installed: {known:.500}."


def _is_here(path: Path) -> bool:
    """A regular file that lies in the folder itself, whatever links there are."""
    return path.is_file() and path.resolve().parent == folder().resolve()


def _described(path: Path) -> Installed:
    status = path.stat()
    return _read(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _read(path: Path, size: int, changed: int) -> Installed:
    """`size` and `changed` (ns) are part of the key: another file of the same name is read anew."""
    created = datetime.fromtimestamp(changed / 1e9, UTC)
    found: dict[str, Any] = {"name": path.stem, "file": path, "bytes": size, "created": created}
    if size > MOST_BYTES:
        return Installed(**found, problem=f"has more than {MOST_BYTES:,} bytes.")
    if not NAME.fullmatch(path.stem):
        return Installed(**found, problem="has a name with other signs than A-Z, a-z, 0-9, '.', '_' and '-'.")
    try:
        with safe_open(path, framework="np") as file:
            names, header = list(file.keys()), file.metadata() or {}
            rank = max((_rank(name, file.get_slice(name).get_shape()) for name in names), default=0)
    except (SafetensorError, OSError, ValueError):
        return Installed(**found, problem="is no sound safetensors file: broken, cut off, or another kind.")
    return Installed(
        **found,
        base_model=_first(header, "studio.base_model", "ss_sd_model_name", "modelspec.title"),
        family=_first(header, "studio.family", "ss_base_model_version", "modelspec.architecture"),
        trigger=_first(header, "studio.trigger", "modelspec.trigger_phrase"),
        rank=rank or None,
        problem=headers.problem(names, header, rank),
    )


def _rank(name: str, shape: list[int]) -> int:
    """The rank that the tensor tells; 0 for one that tells none. Both layouts: peft's and kohya's."""
    down = ("lora_A.weight", "lora_down.weight", "lora.down.weight")
    return shape[0] if name.endswith(down) and shape else 0


def _first(header: Mapping[str, str], *names: str) -> str:
    return next((header[name][:500] for name in names if header.get(name)), "")
