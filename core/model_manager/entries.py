"""What the catalogue knows about one model, as written in TOML. `docs/models.md` is the page for people."""

import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from msgspec import Meta

DType = Literal["float32", "float16", "bfloat16"]
ModelId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}\Z")]
Pixels = Annotated[int, Meta(ge=0, le=8192)]

_FILE_NAME = re.compile(r"\w[\w.-]*")
_DTYPE_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
# Folders of the models folder that hold more than one model's files: LoRAs, and what rembg looks for.
_SHARED_FOLDERS = ("loras", "rembg")
RECORD = "studio.json"  # written last into a downloaded folder: its presence means that the folder is whole


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a model's files come from: exactly one of `builtin`, `path`, `hub`, `url`, `remote`, `by_hand`.

    `builtin` is a folder under ml_models/, `path` an absolute folder, `hub` an `owner/name` on the Hugging
    Face Hub. `revision` is a commit hash, or empty: the newest when it is pulled, which is recorded.
    `variant` selects weight files (`fp16`: `*.fp16.safetensors`). `files` are shell patterns of what to pull.

    `url` is one file by https, whose `md5` or `sha256` is known. It is kept as `file` (by default the last
    part of the URL) in `folder` (below the models folder, by default the model's id). With a `path`, `file`
    names the one file in it that is the model.

    `remote` has no files here: an `owner/name`, or `owner/name:version`, that runs at replicate.com. What is
    asked of it is sent there, once there is a STUDIO_REPLICATE_TOKEN.

    `by_hand` is for files that may not be passed on: whoever has them puts them into the model's folder.
    """

    builtin: str = ""
    path: str = ""
    hub: Annotated[str, Meta(pattern=r"^([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)?\Z")] = ""
    # Plain http is for a mirror on this machine.
    url: Annotated[str, Meta(pattern=r"^((https://|http://(127\.0\.0\.1|localhost)[:/])\S+)?\Z")] = ""
    folder: Annotated[str, Meta(pattern=r"^(\w[\w.-]*(/\w[\w.-]*)*)?\Z")] = ""
    file: str = ""
    md5: Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?\Z")] = ""
    sha256: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""
    remote: Annotated[str, Meta(pattern=r"^([\w.-]+/[\w.-]+(:[0-9a-f]{64})?)?\Z")] = ""
    by_hand: bool = False
    revision: Annotated[str, Meta(pattern=r"^[\w./-]*\Z")] = ""
    variant: Annotated[str, Meta(pattern=r"^\w*\Z")] = ""
    files: tuple[str, ...] = ("model_index.json", "*/*")

    def __post_init__(self) -> None:
        if sum(map(bool, (self.builtin, self.path, self.hub, self.url, self.remote, self.by_hand))) != 1:
            raise ValueError("source needs exactly one of builtin, path, hub, url, remote and by_hand")
        if self.path and not Path(self.path).is_absolute():
            raise ValueError("source.path must be an absolute path")
        if self.url and bool(self.md5) == bool(self.sha256):
            raise ValueError("source.url needs the md5 or the sha256 of the file")
        if not self.url and (self.folder or self.md5 or self.sha256):
            raise ValueError("source.folder, md5 and sha256 are for a url")
        if self.file and not (self.url or self.path):
            raise ValueError("source.file is for a url or a path")
        if (self.url or self.file) and not _FILE_NAME.fullmatch(self.file_name):
            raise ValueError("source.file must be a plain name (by default the last part of the url)")

    @property
    def can_be_pulled(self) -> bool:
        """Whether the files come from a network. The others are here, or a person brings them."""
        return bool(self.hub or self.url)

    @property
    def file_name(self) -> str:
        """The name of the one file that is the model; empty where a whole folder is."""
        return self.file or PurePosixPath(urlsplit(self.url).path).name


class Recommended(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a request that leaves these out gets. Sizes in pixels; zeros where the task has no such thing."""

    steps: Annotated[int, Meta(ge=0, le=100)] = 0
    guidance_scale: Annotated[float, Meta(ge=0, le=20)] = 0.0
    true_cfg_scale: Annotated[float, Meta(ge=0, le=20)] = 0.0
    width: Pixels = 0
    height: Pixels = 0


class Sizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which pictures the model can make: sides of `min_side` to `max_side` pixels, in steps of `multiple_of`.

    `native` is the side of the square it was trained on: other shapes come out best with as many pixels.
    """

    min_side: Pixels = 0
    max_side: Pixels = 0
    multiple_of: Annotated[int, Meta(ge=1)] = 1
    native: Pixels = 0

    def __post_init__(self) -> None:
        if not self.min_side <= self.native <= self.max_side:
            raise ValueError("sizes need min_side <= native <= max_side")


class ModelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model. `size_bytes` is what its files take on disk, `memory_bytes` its weights on the device.

    `min_memory_bytes` is the smallest GPU it works on at a bearable speed, with the parts that are not at
    work waiting in the host's memory; 0 where it is not known.

    `licence` is an SPDX expression (`LicenseRef-…` for those SPDX does not list). `sha256` maps file names
    below the model's folder to hashes, for sources that keep no record of their own. `default_for` lists the
    operations that use this model when a request names none.
    """

    id: ModelId
    task: str
    family: str
    loader: str
    source: Source
    licence: str
    licence_url: str
    commercial_use: bool
    description: str
    size_bytes: Annotated[int, Meta(ge=0)] = 0
    memory_bytes: Annotated[int, Meta(ge=0)] = 0
    min_memory_bytes: Annotated[int, Meta(ge=0)] = 0
    dtype: DType = "float32"
    dtype_on_cpu: DType | None = None
    recommended: Recommended = Recommended()
    sizes: Sizes = Sizes()
    default_for: tuple[str, ...] = ()
    sha256: dict[str, Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]] = {}

    def __post_init__(self) -> None:
        if self.id.startswith("catalogue."):
            raise ValueError("an id must not start with 'catalogue.': the models folder keeps that name")
        if self.id in _SHARED_FOLDERS:
            raise ValueError(
                f"'{self.id}' is the name of a folder that more than one model shares. Take another id"
            )
        given = self.recommended.steps and self.recommended.width and self.sizes.native
        if self.task in ("text-to-image", "image-editing") and not given:
            raise ValueError(f"a model for {self.task} needs recommended and sizes")

    def folder(self) -> Path:
        """Where the files are, or will be once they are pulled."""
        if self.source.builtin:
            return Path(settings.BASE_DIR) / "ml_models" / self.source.builtin
        if self.source.path:
            return Path(self.source.path)
        return Path(settings.STUDIO_MODELS_ROOT) / (self.source.folder or self.id)

    def file(self) -> Path:
        """Where the one file that is the model is, or will be once it is pulled."""
        return self.folder() / self.source.file_name

    @property
    def installed(self) -> bool:
        """Whether it can be used: its files are on this disk, or there is a token for who runs it.

        Looks at the disk, never at a network.
        """
        if self.source.remote:
            return bool(settings.STUDIO_REPLICATE_TOKEN)
        if self.source.hub:
            return (self.folder() / RECORD).is_file()
        return self.file().is_file() if self.source.file_name else self.folder().is_dir()

    def dtype_on(self, device_kind: str) -> DType:
        """The dtype to load with on a `cpu`, `cuda` or `mps` device: half precision is slow on most CPUs."""
        return self.dtype_on_cpu or self.dtype if device_kind == "cpu" else self.dtype

    def memory_on(self, device_kind: str) -> int:
        """Bytes the weights should take on such a device; once loaded, the loader's own count replaces it."""
        scale = _DTYPE_BYTES[self.dtype_on(device_kind)] / _DTYPE_BYTES[self.dtype]
        return int((self.memory_bytes or self.size_bytes or self._weights_on_disk()) * scale)

    def _weights_on_disk(self) -> int:
        """Bytes of the weights that a pull brought: an entry that was added by hand says nothing of them."""
        if not self.source.hub:
            return 0
        return sum(file.stat().st_size for file in self.folder().rglob("*.safetensors"))
