"""Files on Django's default storage, some of which no row knows any more."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from core.exceptions import NotFound

# A younger file may belong to a row that is about to be written.
_ORPHAN_AGE = timedelta(hours=1)


def listed(folder: str) -> tuple[list[str], list[str]]:
    """The names of the folders and of the files in `folder`; none where it is gone."""
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def is_young(name: str) -> bool:
    """Whether a file without a row has to be spared. One that another sweep has just deleted has not."""
    try:
        return default_storage.get_modified_time(name) >= timezone.now() - _ORPHAN_AGE
    except FileNotFoundError:
        return False


def read(file: FieldFile, *, of: str) -> bytes:
    """The bytes of a row's file. Raises NotFound, which names what it is `of`, when it is gone by now."""
    try:
        with file.open("rb") as opened:
            data: bytes = opened.read()
            return data
    except FileNotFoundError:
        raise NotFound(f"There is no such {of} any more.") from None
