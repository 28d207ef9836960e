"""Which of the catalogue's models this app can use on this machine."""

from collections.abc import Collection

from django.conf import settings

from core.exceptions import InvalidInput
from core.model_manager import catalogue, gates
from core.model_manager.entries import ModelEntry

SUPER_RESOLUTION = "super-resolution"
OBJECT_REMOVAL = "object-removal"
AUTO = "auto"


def choose(wanted: str, *, task: str, otherwise: str, techniques: Collection[str]) -> str:
    """The model for `task`: `wanted`, or for `auto` the first that is ready here, or else `otherwise`.

    `techniques` need no model. Raises InvalidInput for what can be neither, LicenceNotAccepted and
    ModelMissing for a model that cannot be used here.
    """
    if wanted in techniques:
        return wanted
    known = catalogue.current()
    if wanted == AUTO:
        return next((entry.id for entry in known.values() if _ready(entry, task)), otherwise)
    suitable = [entry.id for entry in known.values() if entry.task == task]
    if wanted not in suitable:
        choices = ", ".join([AUTO, *techniques, *suitable])
        raise InvalidInput.for_field("model", f"{wanted!r:.120} cannot do this. Give one of: {choices}.")
    gates.check(known[wanted])
    return wanted


def _ready(entry: ModelEntry, task: str) -> bool:
    accepted = gates.accepts_licence(entry, settings.STUDIO_ACCEPT_LICENCES)
    return entry.task == task and entry.installed and accepted
