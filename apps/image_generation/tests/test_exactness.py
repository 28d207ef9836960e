"""A batched picture against the same picture painted by plain diffusers."""

import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import accelerate
import diffusers
import numpy as np
import pytest
import torch
from django.conf import settings

from apps.image_generation.batching_statistics import Statistics
from apps.image_generation.engines.batching.engine import Engine
from apps.image_generation.engines.batching.pipeline_views import plain_view
from apps.image_generation.engines.batching.rehearsal import rehearse
from apps.image_generation.engines.opening import open_pipeline
from apps.image_generation.engines.text_to_image import TextToImage
from apps.image_generation.painting import Painted, Painting
from apps.image_generation.schedulers import SCHEDULERS
from core.jobs.tests.studio import wait_until

STARTER = Path(settings.BASE_DIR) / "ml_models" / "starter" / "model"
NAMES = ["ddim", "euler", "euler-a", "dpm++-2m", "lcm"]
PROMPTS = ["a red ball", "sunset over mountains", "a blue car in the city", "một con mèo cam"]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    return open_pipeline(STARTER, dtype="float32", variant="", device="cpu")


def new_engine(statistics: Statistics | None = None) -> Engine:
    return Engine(
        most_requests=64,
        most_bytes=2**40,
        statistics=statistics or Statistics(),
        is_out_of_memory=lambda error: False,
    )


def painting(number: int, scheduler: str, **changes: Any) -> Painting:
    made = Painting(
        prompt=PROMPTS[number % len(PROMPTS)],
        negative_prompt="",
        width=256,
        height=256,
        steps=3 + number % 4,
        guidance_scale=[7.5, 3.0, 1.0][number % 3],
        seed=100 + number,
        scheduler=SCHEDULERS[scheduler],
        share=f"user:{number % 2}",
    )
    return replace(made, **changes)


def plain(pipeline: Any, wanted: Painting) -> np.ndarray[Any, Any]:
    """What diffusers itself makes of it."""
    assert wanted.scheduler
    kind = getattr(diffusers, wanted.scheduler.kind)
    scheduler = kind.from_config(pipeline.scheduler.config, **wanted.scheduler.options)
    image = plain_view(pipeline, scheduler)(
        wanted.prompt,
        width=wanted.width,
        height=wanted.height,
        num_inference_steps=wanted.steps,
        guidance_scale=wanted.guidance_scale,
        generator=torch.Generator().manual_seed(wanted.seed),
    ).images[0]
    return np.asarray(image)


def paint(painter: TextToImage, wanted: Painting) -> Painted:
    return painter.paint(wanted, on_step=lambda step, steps: None, check=lambda: None)


def paint_together(painter: TextToImage, wanted: list[Painting]) -> list[Painted]:
    """Paints them at once: none takes its second step before all took their first.

    On a slow machine one would be finished before another's words are read.
    """
    begun = Barrier(len(wanted))

    def meet(step: int, steps: int) -> None:
        if step == 1:
            begun.wait(60)

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(lambda each: painter.paint(each, on_step=meet, check=lambda: None), wanted))


@pytest.mark.parametrize("scheduler", NAMES)
def test_alone_is_diffusers_bit_for_bit(pipeline: Any, scheduler: str) -> None:
    engine = new_engine()
    painter = TextToImage(pipeline, model="starter", engine=engine, cap=lambda cells: 8)
    wanted = painting(0, scheduler)

    painted = paint(painter, wanted)

    engine.close()
    assert not painted.batched
    assert np.array_equal(np.asarray(painted.image), plain(pipeline, wanted))


def test_a_mixed_batch_differs_by_at_most_one_of_255_in_one_value_of_a_thousand(pipeline: Any) -> None:
    statistics = Statistics()
    engine = new_engine(statistics)
    painter = TextToImage(pipeline, model="starter", engine=engine, cap=lambda cells: 8)
    wanted = [painting(number, NAMES[number % len(NAMES)]) for number in range(15)]

    painted = paint_together(painter, wanted)

    engine.close()
    differences = np.stack(
        [
            np.abs(np.asarray(one.image).astype(int) - plain(pipeline, each).astype(int))
            for one, each in zip(painted, wanted, strict=True)
        ]
    )
    assert all(one.batched for one in painted)
    assert statistics.summary()["starter"]["mean_batch"] > 2
    assert differences.max() <= 1
    assert (differences > 0).mean() <= 0.001


def test_who_insists_runs_alone_among_others(pipeline: Any) -> None:
    engine = new_engine()
    painter = TextToImage(pipeline, model="starter", engine=engine, cap=lambda cells: 8)
    wanted = [painting(number, "euler", alone=number == 1, guidance_scale=3.0) for number in range(4)]

    painted = paint_together(painter, wanted)

    engine.close()
    assert [one.batched for one in painted] == [True, False, True, True]
    assert np.array_equal(np.asarray(painted[1].image), plain(pipeline, wanted[1]))


def test_an_engine_with_nothing_to_do_holds_nothing() -> None:
    """Else a model that is unloaded would stay on the device until somebody paints again."""
    engine = new_engine()

    class Work:
        def __call__(self) -> None:
            """Does nothing."""

    work = Work()
    held = weakref.ref(work)
    engine.background(work)
    del work

    wait_until(lambda: held() is None)
    engine.close()


def test_a_model_placed_layer_by_layer_is_timed_where_it_computes() -> None:
    """Its weights are nowhere between two passes, so that the pipeline says it is on the device "meta"."""
    placed = open_pipeline(STARTER, dtype="float32", variant="", device="cpu")
    for part in (placed.unet, placed.text_encoder, placed.vae):
        accelerate.cpu_offload(part, torch.device("cpu"))
    assert placed.device.type == "meta"

    seconds_of, cells = rehearse(placed, width=256, height=256, guidance_scale=3.0, run=lambda work: work())

    assert seconds_of(2) > 0
    assert cells == 1024
