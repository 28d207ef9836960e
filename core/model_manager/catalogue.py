"""The models the studio knows: `ml_models/catalogue.toml` merged with the user's own in the models folder."""

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import tomli_w
from django.conf import settings
from filelock import FileLock

from core.exceptions import InvalidInput, OperationFailed
from core.model_manager.entries import ModelEntry

IMAGE_TASK = "text-to-image"
EDITING_TASK = "image-editing"  # follows an instruction about a picture; paints none from words alone
HEADER = "# Written by `manage.py models add`. Fields: docs/models.md\n\n"


class CatalogueError(OperationFailed):
    """A catalogue file that cannot be understood. The message names the file, the model and the field."""

    code = "catalogue_invalid"


class Catalogue(Mapping[str, ModelEntry]):
    """Every known model by id, in the order of the files. `added` are those that the user brought."""

    def __init__(self, entries: Mapping[str, ModelEntry], added: Collection[str] = ()) -> None:
        self._entries = dict(entries)
        self._added = frozenset(added)

    def __getitem__(self, model_id: str) -> ModelEntry:
        return self._entries[model_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def named(self, model_id: str) -> ModelEntry:
        """The model that a request names; InvalidInput (field `model`) when there is none."""
        if model_id not in self:
            known = ", ".join(sorted(self))
            raise InvalidInput.for_field("model", f"There is no model {model_id!r:.120}. Known: {known}.")
        return self[model_id]

    def defaults(self, operation: str) -> list[ModelEntry]:
        """The models for requests to `operation` that name none, the first choice first: the user's own."""
        meant = [entry for entry in self.values() if operation in entry.default_for]
        return sorted(meant, key=lambda entry: entry.id not in self._added)

    def default(self, operation: str) -> ModelEntry:
        """The first of `defaults`; OperationFailed when there is none."""
        for entry in self.defaults(operation):
            return entry
        raise OperationFailed(f"No model is the default for {operation}.", code="no_default_model")


def builtin_file() -> Path:
    """The catalogue that comes with the code."""
    return Path(settings.BASE_DIR) / "ml_models" / "catalogue.toml"


def users_file() -> Path:
    """The catalogue `manage.py models add` writes. It need not exist."""
    return Path(settings.STUDIO_MODELS_ROOT) / "catalogue.toml"


def current() -> Catalogue:
    """The catalogue as the two files are now: an edit needs no restart. Raises CatalogueError."""
    builtin, users = ((path, _stamp(path)) for path in (builtin_file(), users_file()))
    return _merged(builtin, users, settings.STUDIO_IMAGE_MODEL)


def read(path: Path) -> dict[str, ModelEntry]:
    """The entries of one file, by id; none when there is no file. Raises CatalogueError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error  # without the path, which is nobody's business
        raise CatalogueError(f"{_name(path)} cannot be read: {reason}.") from error
    if unknown := set(tables) - {"model"}:
        raise CatalogueError(
            f"{_name(path)}: unknown table {sorted(unknown)[0]!r}; models are [[model]] tables."
        )
    models = tables.get("model", [])
    if not isinstance(models, list):
        raise CatalogueError(f"{_name(path)}: model must be a list of tables, [[model]].")
    entries: dict[str, ModelEntry] = {}
    for table in models:
        entry = _entry(table, path)
        if entry.id in entries:
            raise CatalogueError(f"{_name(path)}: model {entry.id!r} is there twice.")
        entries[entry.id] = entry
    return entries


def save(entry: ModelEntry) -> None:
    """Adds `entry` to the user's catalogue, or replaces the one with its id."""
    _rewrite(lambda entries: {**entries, entry.id: entry})


def forget(model_id: str) -> bool:
    """Takes a model out of the user's catalogue; False when it was not in there."""
    known = model_id in read(users_file())
    if known:
        _rewrite(lambda entries: {key: entry for key, entry in entries.items() if key != model_id})
    return known


def _rewrite(change: Callable[[dict[str, ModelEntry]], dict[str, ModelEntry]]) -> None:
    path = users_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        tables = [_table(entry) for entry in change(read(path)).values()]
        text = HEADER + tomli_w.dumps({"model": tables})
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)


def _table(entry: ModelEntry) -> dict[str, Any]:
    table: dict[str, Any] = msgspec.to_builtins(entry)
    table["source"] = {key: value for key, value in table["source"].items() if value}
    return {key: value for key, value in table.items() if value is not None}


def _entry(table: Any, path: Path) -> ModelEntry:
    try:
        return msgspec.convert(table, ModelEntry)
    except msgspec.ValidationError as error:
        model_id = table.get("id", "a model without id") if isinstance(table, dict) else "a model"
        raise CatalogueError(f"{_name(path)}: {model_id}: {error}.") from error


@lru_cache(maxsize=4)
def _merged(builtin: tuple[Path, object], users: tuple[Path, object], image_model: str) -> Catalogue:
    """Of the two files, each with its stamp: a changed one is read anew."""
    ours, theirs = read(builtin[0]), read(users[0])
    return Catalogue(_with_image_model(ours | theirs, image_model), added=theirs.keys() - ours.keys())


def _with_image_model(entries: dict[str, ModelEntry], chosen: str) -> dict[str, ModelEntry]:
    """STUDIO_IMAGE_MODEL takes over what the catalogue's text-to-image models are the default for."""
    if chosen not in entries or entries[chosen].task != IMAGE_TASK:
        return entries
    images = [entry for entry in entries.values() if entry.task == IMAGE_TASK]
    operations = tuple(sorted({operation for entry in images for operation in entry.default_for}))
    moved = {
        entry.id: msgspec.structs.replace(entry, default_for=operations if entry.id == chosen else ())
        for entry in images
    }
    return entries | moved


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _name(path: Path) -> str:
    return "ml_models/catalogue.toml" if path == builtin_file() else "The models folder's catalogue.toml"
