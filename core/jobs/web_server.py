"""daphne, told how to stop: whoever waits for an answer gets one before connections are closed."""

import asyncio
import time

from daphne.server import Server
from twisted.internet.defer import Deferred

from core.jobs.hub import hub

DRAIN_SECONDS = 3.0
# From the last call answered in its thread to its bytes on the wire.
WRITE_SECONDS = 0.1


class StudioServer(Server):  # type: ignore[misc]
    def kill_all_applications(self) -> Deferred[None]:
        """Called once, before the reactor stops. daphne alone would cut off every open call."""
        return Deferred.fromFuture(asyncio.ensure_future(self._let_go()))

    async def _let_go(self) -> None:
        hub.stop()
        deadline = time.monotonic() + DRAIN_SECONDS
        while hub.waiting() and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        await asyncio.sleep(WRITE_SECONDS)
        await super().kill_all_applications().asFuture(asyncio.get_running_loop())
