"""The embedded pair: worker child and reaper, and the lock that keeps them the only ones."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from filelock import FileLock, Timeout

from core.exceptions import WrongState
from core.jobs import reaper
from core.jobs.hub import hub
from core.jobs.reaper import Reaper
from core.jobs.supervisor import Supervisor


@contextmanager
def only_server() -> Iterator[None]:
    """Holds the lock on the state folder. Raises WrongState when another server has it."""
    settings.STUDIO_STATE_ROOT.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.STUDIO_STATE_ROOT / "server.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise WrongState(
            f"Another studio serves from {settings.STUDIO_STATE_ROOT}. Several servers cannot share one "
            "queue yet: stop the other one, or give this one its own STUDIO_STATE_ROOT.",
            code="already_serving",
        ) from None
    try:
        yield
    finally:
        lock.release()


class EmbeddedServer:
    """Starts the worker child and the reaper of this process, and stops them in good order."""

    def __init__(self) -> None:
        self._supervisor = Supervisor(hub)
        self._reaper = Reaper(hub)

    def start(self) -> None:
        """Brings the database up to date, then takes back what a dead server left behind, so that nothing of
        it is lost or run twice.
        """
        call_command("migrate", interactive=False, verbosity=0)
        reaper.recover()
        hub.has_worker = True
        self._supervisor.start()
        self._reaper.start()

    def stop(self) -> None:
        hub.stop()
        self._supervisor.stop()
        self._reaper.stop()
