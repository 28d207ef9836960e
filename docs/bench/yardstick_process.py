"""daphne with a yardstick on a free port of loopback."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


@contextmanager
def yardstick(application: str = "docs.bench.yardstick:application") -> Iterator[str]:
    """`127.0.0.1:<port>` of an ASGI application. Connections wait in the queue until daphne is up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [
                sys.executable,
                "-m",
                "daphne",
                "--fd",
                str(listening.fileno()),
                application,
            ],
            cwd=settings.BASE_DIR,
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,  # its access lines; the studio writes its own to a file
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.terminate()
            process.wait(timeout=30)
