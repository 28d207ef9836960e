"""Ray Serve with `@serve.batch`."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

import ray
from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from docs.bench.batching.peers import PATH, painting

THREADS = int(os.environ["OMP_NUM_THREADS"])


@serve.deployment(max_ongoing_requests=128, ray_actor_options={"num_cpus": THREADS})
class Painter:
    """Paints in a thread, so that requests are received, and wait for the next batch, meanwhile."""

    def __init__(self) -> None:
        self.pipeline = painting.load()

    @serve.batch(max_batch_size=painting.MAX_BATCH_SIZE, batch_wait_timeout_s=painting.BATCH_SECONDS)
    async def paint(self, bodies: Sequence[painting.Body]) -> list[bytes]:
        return await asyncio.to_thread(self._paint, bodies)

    async def __call__(self, request: Request) -> Response:
        return Response(await self.paint(await request.json()), media_type="image/png")

    def _paint(self, bodies: Sequence[painting.Body]) -> list[bytes]:
        return [painting.png(image) for image in painting.paint_in_groups(self.pipeline, bodies)]


def main(port: int) -> None:
    """Until SIGTERM."""
    kept = ("OMP_NUM_THREADS", "GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "BENCH_MODEL", "PYTHONPATH")
    ray.init(
        num_cpus=THREADS,
        include_dashboard=False,
        configure_logging=False,
        log_to_driver=False,
        runtime_env={"env_vars": {name: os.environ[name] for name in kept}},
    )
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    serve.run(Painter.bind(), route_prefix=PATH)
    signal.sigwait({signal.SIGTERM})
    ray.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))
