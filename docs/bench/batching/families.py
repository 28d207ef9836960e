"""A server and everything that it started: asleep while another is measured, whatever it does when idle."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def awake(pid: int) -> Iterator[None]:
    """Lets a server that `pause` stopped run for a while."""
    resume(pid)
    try:
        yield
    finally:
        pause(pid)


def pause(pid: int) -> None:
    """SIGSTOP, parents first, so that none starts a child meanwhile."""
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            process.suspend()


def resume(pid: int) -> None:
    """SIGCONT, children first, so that no parent finds a child that does not answer."""
    for process in reversed(family(pid)):
        with suppress(psutil.NoSuchProcess):
            process.resume()


def family(pid: int) -> list[psutil.Process]:
    """The process and its descendants, parents first; empty when it has gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
