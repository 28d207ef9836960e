"""The files of sets, on Django's default storage: `datasets/<id>/images/000000.png`."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.datasets.models import FOLDER, Dataset, DatasetPicture
from core.exceptions import NotFound

# A younger folder may belong to a set that is about to be begun.
_ORPHAN_AGE = timedelta(hours=1)

log = structlog.get_logger(__name__)


def folder(dataset_id: UUID) -> str:
    """Where the set's files are. Nothing of the client's is in it."""
    return f"{FOLDER}/{dataset_id}"


def write(dataset_id: UUID, index: int, data: bytes) -> str:
    """Writes one PNG and gives its name; it replaces what an interrupted attempt may have left there."""
    name = f"{folder(dataset_id)}/images/{index:06d}.png"
    if default_storage.exists(name):
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(data))


def read(picture: DatasetPicture) -> bytes:
    """The bytes of one picture. Raises NotFound when its set has been deleted meanwhile."""
    try:
        with picture.file.open("rb") as file:
            data: bytes = file.read()
            return data
    except FileNotFoundError:
        raise NotFound("There is no such dataset any more.") from None


def delete_folder(dataset_id: UUID) -> None:
    """Deletes all files of a set. What cannot be deleted now is swept up later."""
    _delete_tree(folder(dataset_id))


def sweep_orphans() -> int:
    """Deletes the folders, older than an hour, of sets that are gone; gives their number."""
    known = {str(dataset_id) for dataset_id in Dataset.objects.values_list("id", flat=True)}
    orphans = [name for name in _listed(FOLDER)[0] if name not in known and _is_old(f"{FOLDER}/{name}")]
    for name in orphans:
        _delete_tree(f"{FOLDER}/{name}")
    return len(orphans)


def _is_old(name: str) -> bool:
    """Whether no file below `name` is young."""
    folders, files = _listed(name)
    oldest_kept = timezone.now() - _ORPHAN_AGE
    young = any(default_storage.get_modified_time(f"{name}/{file}") >= oldest_kept for file in files)
    return not young and all(_is_old(f"{name}/{inner}") for inner in folders)


def _delete_tree(name: str) -> None:
    folders, files = _listed(name)
    for inner in folders:
        _delete_tree(f"{name}/{inner}")
    for path in (*(f"{name}/{file}" for file in files), name):
        try:
            default_storage.delete(path)  # of a file system, also the empty folder
        except OSError as error:
            log.warning("dataset_file_stays", path=path, error=str(error))


def _listed(name: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(name)
    except FileNotFoundError:
        return [], []
