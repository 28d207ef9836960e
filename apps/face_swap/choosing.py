"""Which engine does the work: the one a request names, or the best that may be used here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings

from apps.face_swap.engines.blending import Blending
from apps.face_swap.engines.haar import Haar
from apps.face_swap.faces import Swapper
from core.exceptions import InvalidInput
from core.model_manager import catalogue, gates
from core.model_manager.entries import ModelEntry
from core.model_manager.leasing import lease

AUTO = "auto"
HAAR = "haar"  # comes with OpenCV: no entry of the catalogue

# By the loaders of their entries, the best first.
_BEST_FIRST = ("face-swap.inswapper", "face-swap.yunet")


def choose(model: str) -> str:
    """`model` if it can be used, and for `auto` the best that is installed and whose licence is accepted.

    Raises InvalidInput for a model that does not swap faces, LicenceNotAccepted and ModelMissing for one
    that cannot be used here.
    """
    if model == AUTO:
        return next(_usable(), HAAR)
    if model == HAAR:
        return HAAR
    entry = catalogue.current()[model]
    if entry.loader not in _BEST_FIRST:
        names = [entry.id for entry in _entries()]
        raise InvalidInput.for_field(
            "model", f"{model} swaps no faces. These do: {', '.join([*names, HAAR])}."
        )
    gates.check(entry)
    return entry.id


@contextmanager
def engine(model: str, waiting: Callable[[str], None]) -> Iterator[Swapper]:
    """The engine for what `choose` gave, loaded. Worker only."""
    if model == HAAR:
        yield _haar()
        return
    with lease(model, waiting) as swapper:
        yield swapper


def _usable() -> Iterator[str]:
    accepted = settings.STUDIO_ACCEPT_LICENCES
    return (entry.id for entry in _entries() if entry.installed and gates.accepts_licence(entry, accepted))


def _entries() -> list[ModelEntry]:
    mine = [entry for entry in catalogue.current().values() if entry.loader in _BEST_FIRST]
    return sorted(mine, key=lambda entry: _BEST_FIRST.index(entry.loader))


@cache
def _haar() -> Swapper:
    return Blending(Haar())
