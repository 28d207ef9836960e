"""The files of sets, on Django's default storage: `datasets/<id>/images/000000.png`."""

from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.datasets.models import FOLDER, Dataset, DatasetPicture
from core import stored_files

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
    return stored_files.read(picture.file, of="dataset")


def delete_folder(dataset_id: UUID) -> None:
    """Deletes all files of a set. What cannot be deleted now is swept up later."""
    _delete_tree(folder(dataset_id))


def sweep_orphans() -> int:
    """Deletes the folders, older than an hour, of sets that are gone; gives their number."""
    known = {str(dataset_id) for dataset_id in Dataset.objects.values_list("id", flat=True)}
    orphans = [
        name for name in stored_files.listed(FOLDER)[0] if name not in known and _is_old(f"{FOLDER}/{name}")
    ]
    for name in orphans:
        _delete_tree(f"{FOLDER}/{name}")
    return len(orphans)


def _is_old(name: str) -> bool:
    """Whether no file below `name` is young."""
    folders, files = stored_files.listed(name)
    young = any(stored_files.is_young(f"{name}/{file}") for file in files)
    return not young and all(_is_old(f"{name}/{inner}") for inner in folders)


def _delete_tree(name: str) -> None:
    folders, files = stored_files.listed(name)
    for inner in folders:
        _delete_tree(f"{name}/{inner}")
    for path in (*(f"{name}/{file}" for file in files), name):
        try:
            default_storage.delete(path)  # of a file system, also the empty folder
        except OSError as error:
            log.warning("dataset_file_stays", path=path, error=str(error))
