"""The face of the model manager for the web: what there is, and having the worker load, unload, pull it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from core.accounts.owners import Owner
from core.exceptions import NotFound, WrongState
from core.jobs import services as jobs
from core.jobs.models import Job
from core.model_manager import catalogue, gates
from core.model_manager.entries import ModelEntry
from core.model_manager.operations import LOAD, PULL, UNLOAD, ModelRef, ModelState
from core.model_manager.shelf import BATCHING_TOPIC, REPORT_TOPIC, State


@dataclass(frozen=True)
class Model:
    """A model of the catalogue and what the worker has said about it.

    `memory_bytes` is what it takes on the device, or is expected to take while it is not `loaded`.
    `accepted` says whether the licence lets this studio use it. `last_used` is None until it has been
    used since the worker started; nor is `batching`, how its steps were shared.
    """

    entry: ModelEntry
    installed: bool
    accepted: bool
    loaded: bool
    device: str | None
    memory_bytes: int
    loads: int
    last_used: datetime | None
    batching: dict[str, int | float] | None


def list_models() -> list[Model]:
    """Every model of the catalogue, in its order."""
    states = _states()
    return [_model(entry, states.get(entry.id)) for entry in catalogue.current().values()]


def get_model(*, model_id: str) -> Model:
    """One model; NotFound when the catalogue has no such id."""
    return _model(_entry(model_id), _states().get(model_id))


def load(*, model_id: str, owner: Owner, request_id: str = "", keyed: bool = False) -> ModelState:
    """Waits until the worker has the model loaded. Raises NotFound, and what `ModelManager.lease` raises."""
    gates.check(_entry(model_id))
    state: ModelState = jobs.run_and_wait(
        operation=LOAD, input=ModelRef(model_id), owner=owner, request_id=request_id, keyed=keyed
    )
    return state


def unload(*, model_id: str, owner: Owner, request_id: str = "", keyed: bool = False) -> ModelState:
    """Waits until the worker has the model unloaded. WrongState while it is in use."""
    _entry(model_id)
    state: ModelState = jobs.run_and_wait(
        operation=UNLOAD, input=ModelRef(model_id), owner=owner, request_id=request_id, keyed=keyed
    )
    return state


def pull(*, model_id: str, owner: Owner, request_id: str = "", job_id: UUID | None = None) -> Job:
    """Queues the download of the model; see `jobs.submit`. WrongState when it comes from no network."""
    entry = _entry(model_id)
    if not entry.source.can_be_pulled:
        raise WrongState(f"{entry.id} does not come from a network: there is nothing to pull.")
    return jobs.queued(job_id=job_id, owner=owner) or jobs.submit(
        operation=PULL, input=ModelRef(model_id), owner=owner, request_id=request_id, job_id=job_id
    )


def _entry(model_id: str) -> ModelEntry:
    known = catalogue.current()
    if model_id not in known:
        raise NotFound("There is no such model.")
    return known[model_id]


def _states() -> dict[str, State]:
    reported: Iterable[State] = jobs.worker_report(REPORT_TOPIC) or ()
    return {state["id"]: state for state in reported}


def _model(entry: ModelEntry, state: State | None) -> Model:
    loaded = state is not None and state["loaded"]
    return Model(
        entry=entry,
        installed=entry.installed,
        accepted=gates.accepts_licence(entry, settings.STUDIO_ACCEPT_LICENCES),
        loaded=loaded,
        device=state["device"] if state else None,
        memory_bytes=state["memory_bytes"] if state and loaded else entry.memory_bytes or entry.size_bytes,
        loads=state["loads"] if state else 0,
        last_used=datetime.fromisoformat(state["last_used"]) if state else None,
        batching=(jobs.worker_report(BATCHING_TOPIC) or {}).get(entry.id),
    )
