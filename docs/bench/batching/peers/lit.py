"""LitServe with its static batching."""

import sys
from collections.abc import Sequence
from typing import Any

import litserve
from fastapi import Response
from PIL import Image

from docs.bench.batching.peers import PATH, painting


class Painter(litserve.LitAPI):  # type: ignore[misc]
    """LitServe collects a batch; its members are grouped here, since a call takes one number of steps."""

    def setup(self, device: str) -> None:
        self.pipeline = painting.load()

    def decode_request(self, request: painting.Body) -> painting.Body:
        return request

    def batch(self, inputs: Sequence[painting.Body]) -> Sequence[painting.Body]:
        return inputs

    def predict(self, x: Sequence[painting.Body]) -> list[Image.Image]:
        return painting.paint_in_groups(self.pipeline, x)

    def unbatch(self, output: list[Image.Image]) -> list[Image.Image]:
        return output

    def encode_response(self, output: Image.Image) -> Any:
        return Response(painting.png(output), media_type="image/png")


if __name__ == "__main__":
    api = Painter(max_batch_size=painting.MAX_BATCH_SIZE, batch_timeout=painting.BATCH_SECONDS, api_path=PATH)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, timeout=False)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="error", generate_client_file=False)
