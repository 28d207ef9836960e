"""Whether a request that names no model can be served, and whether the catalogue can be read at all."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from core.jobs.hub import hub
from core.model_manager import catalogue, gates
from core.model_manager.devices import PROBLEM_TOPIC
from core.observability.health import Health


def default_model() -> Health:
    """STUDIO_IMAGE_MODEL can be used: known, its licence accepted, its files and STUDIO_DEVICE here."""
    model_id = settings.STUDIO_IMAGE_MODEL
    known = catalogue.current()
    if model_id not in known:
        return Health(
            ok=False, detail=f"STUDIO_IMAGE_MODEL names {model_id}, which the catalogue does not know."
        )
    entry = known[model_id]
    if not gates.accepts_licence(entry, settings.STUDIO_ACCEPT_LICENCES):
        return Health(ok=False, detail=f"The licence of {model_id} has not been accepted here.")
    if not entry.installed:
        return Health(ok=False, detail=f"{model_id} is not installed.")
    if problem := hub.report(PROBLEM_TOPIC):
        return Health(ok=False, detail=problem)
    return Health(ok=True, detail=f"{model_id} is installed.")


def catalogue_is_valid(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """A Django system check: a typo in a catalogue, or in STUDIO_IMAGE_MODEL, stops the start."""
    try:
        known = catalogue.current()
    except catalogue.CatalogueError as error:
        return [Error(error.message, hint="docs/models.md lists the fields.", id="model_manager.E001")]
    chosen = settings.STUDIO_IMAGE_MODEL
    if chosen not in known or known[chosen].task != catalogue.IMAGE_TASK:
        message = (
            f"STUDIO_IMAGE_MODEL={chosen} is no text-to-image model of the catalogue. "
            "See: manage.py models list"
        )
        return [Error(message, id="model_manager.E002")]
    return []
