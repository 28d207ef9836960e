"""Which model a request gets where it may leave the choice to the studio."""

from collections.abc import Sequence

from django.conf import settings

from core.exceptions import InvalidInput
from core.model_manager import catalogue, gates
from core.model_manager.entries import ModelEntry

AUTO = "auto"


def choose(wanted: str, *, task: str, operation: str, techniques: Sequence[str] = ()) -> str:
    """A catalogue id of a model for `task`, or one of `techniques`, which need no weights.

    `auto` takes the first that is installed and whose licence is accepted, of the defaults for `operation`
    (of the whole catalogue, where there are none), else the first technique. Raises InvalidInput for what
    cannot do the task, LicenceNotAccepted and ModelMissing for a model that cannot be used here.
    """
    if wanted in techniques:
        return wanted
    models = catalogue.current()
    known = [entry for entry in models.values() if entry.task == task]
    if wanted == AUTO:
        meant = [entry for entry in models.defaults(operation) if entry.task == task] or known
        best = [*(entry.id for entry in meant if _is_usable(entry)), *techniques]
        if best:
            return best[0]
    chosen = next((entry for entry in known if entry.id == wanted or wanted == AUTO), None)
    if chosen is None:
        choices = ", ".join([AUTO, *techniques, *(entry.id for entry in known)])
        raise InvalidInput.for_field("model", f"{wanted!r:.120} cannot do this. Give one of: {choices}.")
    gates.check(chosen)
    return chosen.id


def named(wanted: str | None, *, operation: str) -> ModelEntry:
    """The model that a request names, or the default for `operation` where it names none or says `auto`.

    Raises InvalidInput (field `model`) where there is none of that name.
    """
    known = catalogue.current()
    return known.default(operation) if wanted is None or wanted == AUTO else known.named(wanted)


def _is_usable(entry: ModelEntry) -> bool:
    return entry.installed and gates.accepts_licence(entry, settings.STUDIO_ACCEPT_LICENCES)
