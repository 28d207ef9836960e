"""What is checked before a server or a worker starts, and what is to happen once in a worker then."""

from collections.abc import Callable

from core.jobs.links import Link

# What users write; the other checks are about our code. `serve` and `worker` run the same ones, so that no
# server waits for a worker that refuses to start.
START_CHECKS = ("catalogue",)

_hooks: list[Callable[[Link], None]] = []


def register(hook: Callable[[Link], None]) -> None:
    """Has `hook(link)` called in every worker, after its slots are open. A hook returns at once."""
    _hooks.append(hook)


def on_worker_start(link: Link) -> None:
    for hook in _hooks:
        hook(link)
