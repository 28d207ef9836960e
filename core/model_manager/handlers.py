"""The worker's side of the models' operations."""

from django.template.defaultfilters import filesizeformat

from core.model_manager import catalogue, downloads, leasing
from core.model_manager.operations import ModelRef, ModelState
from core.operations import Context


def load(ref: ModelRef, context: Context) -> ModelState:
    """Loads the model. Raises what `ModelManager.lease` raises."""
    leasing.manager().load(ref.model, waiting=context.loading)
    return _state(ref)


def unload(ref: ModelRef, context: Context) -> ModelState:
    """Unloads the model; it is no error when it was not loaded. WrongState while it is in use."""
    leasing.manager().unload(ref.model)
    return _state(ref)


def pull(ref: ModelRef, context: Context) -> ModelState:
    """Downloads the model, with its progress in percent. Raises what `downloads.pull` raises."""
    entry = catalogue.current().named(ref.model)
    told = 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        context.check()
        percent = 100 * done // total if total else 0
        if percent > told:
            told = percent
            context.progress(percent, 100)

    context.loading(f"Downloading {entry.id} ({filesizeformat(entry.size_bytes)})")
    downloads.pull(entry, progress)
    return _state(ref)


def _state(ref: ModelRef) -> ModelState:
    held = next((state for state in leasing.manager().state() if state["id"] == ref.model), None)
    return ModelState(
        model=ref.model,
        installed=catalogue.current().named(ref.model).installed,
        loaded=held is not None and held["loaded"],
        device=held["device"] if held else None,
        memory_bytes=held["memory_bytes"] if held else 0,
    )
