"""What is to happen once in a worker when it starts, told by the packages that need it."""

from collections.abc import Callable

from core.jobs.links import Link

_hooks: list[Callable[[Link], None]] = []


def register(hook: Callable[[Link], None]) -> None:
    """Has `hook(link)` called in every worker, after its slots are open. A hook returns at once."""
    _hooks.append(hook)


def on_worker_start(link: Link) -> None:
    for hook in _hooks:
        hook(link)
