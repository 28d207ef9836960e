"""Room on the disk: the studio takes on nothing new while there is still some left for its database."""

import shutil
from pathlib import Path

from django.conf import settings

from core.exceptions import Unavailable
from core.observability.health import Health

_MEGABYTE = 10**6


def check_space() -> None:
    """Raises Unavailable (`disk_full`) when less than STUDIO_MIN_FREE_BYTES is free for state or media."""
    if _is_nearly_full():
        raise Unavailable(
            f"The server's disk is nearly full: less than {_least()} is free. "
            "Jobs, pictures and datasets that are deleted or expire make room.",
            code="disk_full",
            retry_after=60,
        )


def health() -> Health:
    """Whether anything new is taken on."""
    if _is_nearly_full():
        return Health(ok=False, detail=f"Less than {_least()} is free; nothing new is taken on.")
    return Health(ok=True, detail=f"More than {_least()} is free.")


def _is_nearly_full() -> bool:
    roots = (settings.STUDIO_STATE_ROOT, settings.STUDIO_MEDIA_ROOT)
    return any(_free(root) < settings.STUDIO_MIN_FREE_BYTES for root in roots)


def _least() -> str:
    return f"{settings.STUDIO_MIN_FREE_BYTES // _MEGABYTE:,} MB"


def _free(folder: Path) -> int:
    """Bytes free where the folder is, or is going to be."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free
