"""Room on the disk: the studio takes on nothing new while there is just enough left for what it has."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.exceptions import Unavailable

_MEGABYTE = 10**6


def check_space() -> None:
    """Raises Unavailable (`disk_full`) when less than STUDIO_MIN_FREE_BYTES is free for state or media.

    For whoever takes on work or pictures. What has been taken on is carried out.
    """
    if any(_free(root) < settings.STUDIO_MIN_FREE_BYTES for root in _roots().values()):
        raise Unavailable(
            "The server's disk is nearly full: less than "
            f"{settings.STUDIO_MIN_FREE_BYTES // _MEGABYTE:,} MB is free. "
            "Jobs, pictures and datasets that are deleted or expire make room.",
            code="disk_full",
            retry_after=60,
        )


class DiskCollector(Collector):
    """What is free, for Prometheus."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        free = GaugeMetricFamily("studio_disk_free_bytes", "Free for state or media.", labels=["folder"])
        for name, root in _roots().items():
            free.add_metric([name], _free(root))
        yield free


def _roots() -> dict[str, Path]:
    return {"state": settings.STUDIO_STATE_ROOT, "media": settings.STUDIO_MEDIA_ROOT}


def _free(folder: Path) -> int:
    """Bytes free where the folder is, or is going to be."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free
