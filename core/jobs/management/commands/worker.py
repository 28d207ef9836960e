"""`manage.py worker`: claims jobs and runs them. `manage.py serve` starts one by itself."""

import os
import signal
import threading
from argparse import ArgumentParser
from multiprocessing.connection import Connection
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand

from core.jobs import worker_environment
from core.jobs.identity import process_name
from core.jobs.links import Cancel, Link, Ring, Silent, Stop
from core.jobs.pipe import Outbox, PipeLink, ToWorker, messages
from core.jobs.startup import START_CHECKS, on_worker_start
from core.jobs.worker import Worker
from core.operations import Lane

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Runs jobs from the queue until it is told to stop. `serve` starts one by itself."
    requires_system_checks = START_CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--link-fd", type=int, help="the pipe to the server that started this worker")

    def handle(self, *, link_fd: int | None, **options: Any) -> None:
        worker_environment.prepare()
        connection = None if link_fd is None else Connection(link_fd)
        outbox = Outbox(connection) if connection else None
        link: Link = PipeLink(outbox.put) if outbox else Silent()
        slots = {
            Lane.CPU.value: settings.STUDIO_CPU_SLOTS,
            Lane.DEVICE.value: settings.STUDIO_DEVICE_SLOTS,
            Lane.TRAINING.value: 1,
        }
        worker = Worker(name=process_name(), slots=slots, link=link)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        link.report("worker", {"name": worker.name, "pid": os.getpid(), "slots": slots})
        worker.start()
        on_worker_start(link)
        log.info("worker_started", worker=worker.name, slots=slots)
        if connection:
            threading.Thread(
                target=_listen, args=(connection, worker, stop), name="pipe", daemon=True
            ).start()
        stop.wait()
        worker.stop()
        worker.join()
        log.info("worker_stopped")
        if outbox:
            outbox.close()
            # All is written and let go. Taking torch apart, module by module, would take over a second more.
            os._exit(0)


def _listen(connection: Connection, worker: Worker, stop: threading.Event) -> None:
    for message in messages(connection, ToWorker):
        match message:
            case Ring(lane=lane):
                worker.ring(lane)
            case Cancel(job_id=job_id):
                worker.cancel(job_id)
            case Stop():
                stop.set()
                return
    # The server is gone, however it died. Nobody listens, and the next one takes the jobs back: leave at
    # once.
    os._exit(1)
