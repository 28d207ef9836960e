"""Whether jobs that are taken now will be done."""

from core.jobs.hub import hub
from core.jobs.links import Silent
from core.observability.health import Health


def worker() -> Health:
    """A worker has said that it is there, and nothing since that it is gone."""
    said = hub.report("worker")
    if said is None:
        return Health(
            ok=False, detail="No worker is connected; jobs wait until one is. (manage.py serve starts one.)"
        )
    slots = ", ".join(f"{count} {lane}" for lane, count in sorted(said["slots"].items()))
    return Health(ok=True, detail=f"Slots: {slots}.")


def events() -> Health:
    """Progress can reach this process."""
    if isinstance(hub.doorbell, Silent):
        return Health(ok=False, detail="This process has no link to a worker, so it hears of no progress.")
    return Health(ok=True, detail="Linked to the worker.")
