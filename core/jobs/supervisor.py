"""The web process's side of the pair: keeps one worker child alive and listens to it."""

import os
import subprocess
import sys
import threading
import time
from multiprocessing import Pipe

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections

from core.jobs import reaper
from core.jobs.hub import Hub
from core.jobs.links import Silent, Stop
from core.jobs.pipe import Outbox, PipeDoorbell, ToWeb, messages

log = structlog.get_logger(__name__)

STOP_SECONDS = 8.0  # below the ten seconds that `docker stop` grants
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0


class Supervisor:
    """Starts a worker child, restarts it when it dies (at once, then after 1 to 30 s), and hears it.

    The child holds the other end of a pipe: when this process dies, however hard, the pipe ends and so does
    the child.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._child: subprocess.Popen[bytes] | None = None
        self._outbox: Outbox | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Has the child give back its jobs and exit; kills it when that takes too long."""
        self._stopping.set()
        if self._outbox:
            self._outbox.put(Stop())
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive() and self._child:
            log.warning("worker_killed", seconds=STOP_SECONDS)  # it was within a step that nothing interrupts
            self._child.kill()
            self._thread.join()
            try:
                reaper.release_for_child()
            except DatabaseError:  # the next start takes them back, at the cost of an attempt
                log.exception("release_failed")

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            born = time.monotonic()
            try:
                code = self._run_child()
            except Exception:  # no memory or no process left to start one: try again later
                log.exception("worker_not_started")
                code = 1
            if self._stopping.is_set():
                return
            lived = time.monotonic() - born
            pause = 0.0 if lived > HEALTHY_SECONDS else min(LONGEST_PAUSE, pause * 2 or 1.0)
            log.error("worker_died", exit_code=code, lived_seconds=round(lived, 1), restart_in=pause)
            self._take_back()

    def _run_child(self) -> int:
        ours, theirs = Pipe()
        with ours:
            with theirs:
                command = [sys.executable, "-m", "django", "worker", "--link-fd", str(theirs.fileno())]
                self._child = subprocess.Popen(  # noqa: S603 - our own command, nothing of a client's in it
                    command,
                    cwd=settings.BASE_DIR,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for this process; it tells the child
                )
            self._outbox = Outbox(ours)
            self._hub.doorbell = PipeDoorbell(self._outbox.put)
            if self._stopping.is_set():  # asked while the child was being born
                self._outbox.put(Stop())
            for message in messages(ours, ToWeb):
                self._hub.receive(message)
            self._hub.doorbell = Silent()
            self._outbox.close()
        return self._child.wait()

    def _take_back(self) -> None:
        self._hub.worker_gone()
        try:
            reaper.take_back_from_child(self._hub)
        except DatabaseError:  # the lease will bring the jobs back
            log.exception("take_back_failed")
        close_old_connections()
