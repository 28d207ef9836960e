"""One real denoising step of a pipeline, to be run again for any number of requests: what `caps` times."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import diffusers
import torch
from PIL import Image

from apps.image_generation.engines import families
from apps.image_generation.engines.batching import merging
from apps.image_generation.engines.batching.pipeline_views import denoisers_of, plain_view
from apps.image_generation.engines.batching.stand_in import StandIn
from apps.image_generation.painting import Painting


def versions() -> str:
    """What the speed of a pass depends on beside model and device."""
    return f"torch-{torch.__version__} diffusers-{diffusers.__version__} threads-{torch.get_num_threads()}"


def rehearse(
    pipeline: Any,
    *,
    width: int,
    height: int,
    guidance_scale: float,
    run: Callable[[Callable[[], Any]], Any],
) -> tuple[Callable[[int], float], int]:
    """A function that runs one real denoising step for so many requests and gives its seconds, and the cells
    of one sample of them. Whatever computes goes through `run`.
    """
    name = next(iter(denoisers_of(pipeline, model="", cap=lambda cells: 1)))
    denoiser = getattr(pipeline, name)
    recorder = _Recorder(denoiser)
    run(partial(_paint, pipeline, name, recorder, width, height, guidance_scale))
    args, kwargs = recorder.arguments
    samples = merging.sample_count(args, kwargs) or 1
    device = getattr(torch, pipeline._execution_device.type)  # `device` is "meta" layer by layer

    def seconds_of(requests: int) -> float:
        merged_args, merged_kwargs = merging.merge([(args, kwargs)] * requests, [samples] * requests)
        device.synchronize()
        started = time.perf_counter()
        with torch.no_grad():
            denoiser(*merged_args, **merged_kwargs)
        device.synchronize()
        return time.perf_counter() - started

    return lambda requests: run(partial(seconds_of, requests)), merging.cells(args, kwargs)


class _Recorder(StandIn):
    """A denoiser that remembers the arguments of its last call."""

    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self.arguments: merging.Arguments = ((), {})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.arguments = (args, kwargs)
        return self._real(*args, **kwargs)


@torch.no_grad()
def _paint(
    pipeline: Any, name: str, denoiser: _Recorder, width: int, height: int, guidance_scale: float
) -> None:
    """One step of a picture (of nothing, where the pipeline paints over one), with another denoiser."""
    view = plain_view(pipeline, type(pipeline.scheduler).from_config(pipeline.scheduler.config))
    object.__setattr__(view, name, denoiser)
    takes = families.parameters(type(pipeline))
    picture = Image.new("RGB", (width, height)) if "image" in takes else None
    mask = Image.new("L", (width, height), 255) if "mask_image" in takes else None
    painting = Painting(
        "a red ball", "", width, height, 1, guidance_scale, seed=0, picture=picture, mask=mask
    )
    call, _ = families.arguments(type(pipeline), pipeline, painting)
    view(**call)
