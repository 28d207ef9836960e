"""Loads the default model while the worker starts, so that the first request need not wait for it."""

import threading

import structlog
from django.conf import settings

from core.exceptions import StudioError
from core.jobs.links import Link
from core.model_manager import leasing
from core.model_manager.devices import PROBLEM_TOPIC, DeviceUnavailable

log = structlog.get_logger(__name__)


def preload(link: Link) -> None:
    """A worker's start hook: begins loading STUDIO_IMAGE_MODEL, unless STUDIO_PRELOAD is off, and returns."""
    if settings.STUDIO_PRELOAD:
        threading.Thread(target=_load, args=(link,), name="preload", daemon=True).start()


def _load(link: Link) -> None:
    try:
        leasing.manager().load(settings.STUDIO_IMAGE_MODEL)
    except StudioError as error:  # the requests that need it will say the same
        log.warning("not_preloaded", model=settings.STUDIO_IMAGE_MODEL, reason=error.message)
        if isinstance(error, DeviceUnavailable):  # nothing that happens while it runs will mend that
            link.report(PROBLEM_TOPIC, error.message)
