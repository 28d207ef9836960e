"""Puts a model that paints on the device, beside the one engine that all of them share. Worker only."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import structlog
from django.conf import settings

from apps.image_generation.batching_statistics import statistics
from apps.image_generation.engines import opening, text_to_image
from apps.image_generation.engines.batching import caps, rehearsal
from apps.image_generation.engines.batching.engine import Engine
from apps.image_generation.measurements import Measurements
from core.exceptions import InsufficientMemory
from core.model_manager import devices, leasing
from core.model_manager.entries import DType, ModelEntry
from core.model_manager.loaders import Loaded

# Pictures under way at a time. More would only hold memory: the device is full long before.
MOST_REQUESTS = 32
# No CPU is quick with float16.
CPU_DTYPES: tuple[DType, ...] = ("float32", "bfloat16")
GPU_DTYPES: tuple[DType, ...] = ("float32", "bfloat16", "float16")

log = structlog.get_logger(__name__)


def load(entry: ModelEntry, device: str) -> Loaded:
    """A `Painter` on `device`. The first time here, measures how many requests pay together in one pass."""
    known = devices.probe(device)
    dtype = entry.dtype_on(known.kind)
    _check_memory(entry, known)
    pipeline = opening.open_pipeline(
        entry.folder(),
        dtype=dtype,
        variant=entry.source.variant,
        device=device,
        device_bytes=known.total_bytes,
    )
    engine = shared_engine(device)
    cap, cells = _cap(entry, pipeline, device, dtype, engine)
    painter = text_to_image.TextToImage(
        pipeline,
        model=entry.id,
        engine=engine,
        cap=partial(scaled_cap, cap=cap, cells=cells),
        constructing=leasing.constructing,
    )
    held = opening.bytes_on_device(pipeline, device, known.total_bytes)
    return Loaded(model=painter, memory_bytes=held)


def tune(entry: ModelEntry, device: str) -> dict[DType, float]:
    """Seconds of one denoising step for one request, in each dtype that `device` is good at."""
    seconds: dict[DType, float] = {}
    for dtype in CPU_DTYPES if device == "cpu" else GPU_DTYPES:
        pipeline = opening.open_pipeline(
            entry.folder(), dtype=dtype, variant=entry.source.variant, device=device
        )
        seconds_of, _ = _rehearsal(entry, pipeline, run=lambda work: work())
        seconds[dtype] = caps.best_seconds(seconds_of, 1)
    return seconds


def _check_memory(entry: ModelEntry, device: devices.Device) -> None:
    """InsufficientMemory where the weights cannot fit, before the system kills the worker over them."""
    needed = entry.memory_on(device.kind)
    if device.kind != "cuda" and needed > device.total_bytes:
        raise InsufficientMemory(
            f"{entry.id} needs {needed:,} bytes for its weights; {device.name} has {device.total_bytes:,}. "
            "Choose a smaller model, or a machine with a larger GPU."
        )


@cache
def shared_engine(device: str) -> Engine:
    """The engine of `device`, which every model on it goes through."""
    known = devices.probe(device)
    return Engine(
        most_requests=MOST_REQUESTS if settings.STUDIO_BATCHING == "auto" else 1,
        most_bytes=settings.STUDIO_BATCH_BYTES or known.total_bytes // 4,
        statistics=statistics,
        is_out_of_memory=known.is_out_of_memory,
    )


def scaled_cap(wanted_cells: int, *, cap: int, cells: int) -> int:
    """The measured `cap` for samples of another size: larger pictures fill the device with fewer requests."""
    return max(1, min(cap, round(cap * cells / max(1, wanted_cells))))


def _cap(entry: ModelEntry, pipeline: object, device: str, dtype: str, engine: Engine) -> tuple[int, int]:
    # Nothing but the engine's thread computes: two at a time would disturb what is measured and what is
    # painted, and OpenMP waits badly once a second thread has computed with it.
    seconds_of, cells = _rehearsal(entry, pipeline, run=engine.background)
    if settings.STUDIO_BATCHING != "auto":
        return 1, cells
    if settings.STUDIO_BATCH_CAP:
        return settings.STUDIO_BATCH_CAP, cells
    measurements = Measurements(settings.STUDIO_STATE_ROOT / "batching.json")
    key = f"{entry.id} {dtype} {device} {rehearsal.versions()}"
    seconds = measurements.get(key)
    if seconds is None:
        seconds = caps.measure(seconds_of, devices.probe(device).is_out_of_memory)
        measurements.keep(key, seconds)
        log.info("batching_measured", model=entry.id, seconds=seconds)
    return caps.largest_paying(seconds), cells


def _rehearsal(
    entry: ModelEntry, pipeline: object, run: Callable[[Callable[[], Any]], Any]
) -> tuple[Callable[[int], float], int]:
    return rehearsal.rehearse(
        pipeline,
        width=entry.recommended.width,
        height=entry.recommended.height,
        guidance_scale=entry.recommended.guidance_scale,
        run=run,
    )
