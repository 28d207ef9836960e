"""The embedded doorbell and link: one pipe between the web process and its worker child."""

import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any
from uuid import UUID

import msgspec

from core.jobs.links import Cancel, JobEvent, Report, Ring, Stop

ToWorker = Ring | Cancel | Stop
ToWeb = JobEvent | Report

_encode = msgspec.msgpack.Encoder().encode


class Outbox:
    """Sends messages in order from its own thread: nobody who computes waits for a slow reader."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._send, name="pipe-outbox", daemon=True)
        self._thread.start()

    def put(self, message: ToWorker | ToWeb) -> None:
        self._waiting.put(_encode(message))

    def close(self) -> None:
        """Sends what is waiting, then stops the thread."""
        self._waiting.put(None)
        self._thread.join(timeout=5)

    def _send(self) -> None:
        for message in iter(self._waiting.get, None):
            try:
                self._connection.send_bytes(message)
            except OSError:  # the other end is gone; its owner learns that from its own read
                return


def messages(connection: Connection, kind: Any) -> Iterator[Any]:
    """Every message of the union `kind` that arrives, until the other end closes or dies."""
    decode = msgspec.msgpack.Decoder(kind).decode
    while True:
        try:
            yield decode(connection.recv_bytes())
        except (EOFError, OSError):
            return


class PipeDoorbell:
    """Rings the one worker child."""

    def __init__(self, put: Callable[[ToWorker], None]) -> None:
        self._put = put

    def ring(self, lane: str) -> None:
        self._put(Ring(lane))

    def cancel(self, job_id: UUID) -> None:
        self._put(Cancel(job_id))


class PipeLink:
    """Speaks to the web process that started this worker."""

    def __init__(self, put: Callable[[ToWeb], None]) -> None:
        self._put = put

    def event(self, event: JobEvent) -> None:
        self._put(event)

    def report(self, topic: str, data: Any) -> None:
        self._put(Report(topic, data))
