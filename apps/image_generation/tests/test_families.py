"""Every family of diffusers pipelines batched at the denoiser, against the same pipelines by themselves."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier, Event
from typing import Any

import numpy as np
import pytest
import torch

from apps.image_generation.batching_statistics import Statistics
from apps.image_generation.engines.batching.engine import Engine, Request
from apps.image_generation.engines.batching.pipeline_views import batched_view, denoisers_of, plain_view
from apps.image_generation.tests.tiny import FAMILIES, TASKS, Call, Family

# Of the largest latent: how far a batch may be from diffusers by itself, in float32.
TOLERANCE = 1e-5
# Steps and guidance of six requests that come at once; at 1.0 there is no guidance, so half the samples.
MIXED = [(4, 7.0), (3, 3.5), (5, 2.0), (4, 1.0), (2, 5.0), (5, 1.0)]
ALL = [pytest.param(FAMILIES[name], task, id=f"{name}-{task}") for name in FAMILIES for task in TASKS]


@dataclass(frozen=True)
class Result:
    """The last step's latents and the picture in 0..1; `batched` when any step was shared."""

    latents: torch.Tensor
    picture: np.ndarray[Any, Any]
    batched: bool = False


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Bench:
    """One pipeline with an engine of its own."""

    def __init__(self, pipeline: Any, *, cap: int = 8) -> None:
        self.pipeline = pipeline
        self.statistics = Statistics()
        self._engine = Engine(
            most_requests=64,
            most_bytes=2**40,
            statistics=self.statistics,
            is_out_of_memory=lambda error: isinstance(error, torch.OutOfMemoryError),
        )
        self._denoisers = denoisers_of(pipeline, model="tiny", cap=lambda cells: cap)

    def solo(self, call: Call, seed: int) -> Result:
        """What diffusers itself makes of it."""
        view = plain_view(self.pipeline, self._scheduler())
        return _paint(view, call, seed, Request(share="", steps=1))

    def together(
        self, calls: Sequence[Call], *, alone: bool = False, last_after: Event | None = None
    ) -> list[Result | BaseException]:
        """What the engine makes of all at once; call number n has seed n.

        `alone`: none shares a pass. The last one comes when `last_after` is set.
        """
        *others, last = enumerate(calls)
        start = Barrier(len(calls) - 1 if last_after else len(calls))  # a busy machine starts threads late
        with ThreadPoolExecutor(len(calls)) as pool:
            futures = [pool.submit(self._batched, call, seed, alone, start) for seed, call in others]
            if last_after:
                assert last_after.wait(10)
                start = Barrier(1)
            futures.append(pool.submit(self._batched, last[1], last[0], alone, start))
        return [future.exception() or future.result() for future in futures]

    def close(self) -> None:
        self._engine.close()

    def mean_batch(self) -> float:
        return self.statistics.summary()["tiny"]["mean_batch"]

    def _batched(self, call: Call, seed: int, alone: bool, start: Barrier) -> Result:
        request = Request(share=f"user:{seed % 2}", steps=call["num_inference_steps"], alone=alone)
        with self._engine.open(request, lambda: None):
            view = batched_view(
                self.pipeline,
                self._scheduler(),
                engine=self._engine,
                request=request,
                denoisers=self._denoisers,
            )
            start.wait(10)
            return _paint(view, call, seed, request)

    def _scheduler(self) -> Any:
        return type(self.pipeline.scheduler).from_config(self.pipeline.scheduler.config)


@contextmanager
def bench(pipeline: Any, *, cap: int = 8) -> Iterator[Bench]:
    made = Bench(pipeline, cap=cap)
    try:
        yield made
    finally:
        made.close()


def _paint(view: Any, call: Call, seed: int, request: Request) -> Result:
    last: dict[str, torch.Tensor] = {}

    def after_step(view: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        request.done = number + 1
        last.update(tensors)
        return {}

    with torch.no_grad():
        generator = torch.Generator().manual_seed(seed)
        made = view(**call, generator=generator, callback_on_step_end=after_step)
    return Result(last["latents"], made.images[0], request.merged)


def mixed(family: Family, task: str) -> list[Call]:
    return [family.call(task, n, steps=steps, scale=scale) for n, (steps, scale) in enumerate(MIXED)]


def assert_same(batched: Result | BaseException, solo: Result) -> None:
    assert isinstance(batched, Result), batched
    apart = (batched.latents - solo.latents).abs().max() / solo.latents.abs().max()
    assert apart <= TOLERANCE
    assert np.abs(np.rint(batched.picture * 255) - np.rint(solo.picture * 255)).max() <= 1


def poisoned(call: Call) -> Call:
    return call | {
        name: torch.full_like(value, torch.nan)
        for name, value in call.items()
        if name in ("prompt_embeds", "negative_prompt_embeds")
    }


@contextmanager
def watched(module: torch.nn.Module, look: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Shows `look` every forward pass' arguments before it starts; what it raises the pass raises."""

    def before(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        look(kwargs if not args else {**kwargs, "hidden_states": args[0]})

    handle = module.register_forward_pre_hook(before, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@pytest.mark.parametrize(("family", "task"), ALL)
def test_mixed_requests_at_once_are_what_diffusers_paints_one_by_one(family: Family, task: str) -> None:
    calls = mixed(family, task)
    with bench(family.pipeline(task)) as studio:
        solo = [studio.solo(call, seed) for seed, call in enumerate(calls)]
        together = studio.together(calls)

    assert studio.mean_batch() > 1.3
    for batched, alone in zip(together, solo, strict=True):
        assert_same(batched, alone)
    assert sum(result.batched for result in together if isinstance(result, Result)) > len(calls) // 2


@pytest.mark.parametrize(("family", "task"), ALL)
def test_a_batch_of_one_is_diffusers_bit_for_bit(family: Family, task: str) -> None:
    call = family.call(task, 3, steps=3, scale=3.0)
    with bench(family.pipeline(task)) as studio:
        solo = studio.solo(call, 0)
        [result] = studio.together([call])

    assert isinstance(result, Result), result
    assert torch.equal(result.latents, solo.latents)
    assert np.array_equal(result.picture, solo.picture)
    assert not result.batched


@pytest.mark.parametrize("task", TASKS)
def test_a_vae_that_some_want_in_float32_stays_in_half_precision_for_the_others(task: str) -> None:
    """SDXL's own code casts its VAE to and fro around every use, whoever else is using it."""
    family = FAMILIES["SDXL"]
    pipeline = family.pipeline(task).to(dtype=torch.float16)
    calls = [family.call(task, number, steps=2, scale=3.0) for number in range(6)]
    with bench(pipeline) as studio:
        together = studio.together(calls, alone=True)
        untouched = pipeline.vae.dtype
        solo = [studio.solo(call, seed) for seed, call in enumerate(calls)]

    assert untouched == torch.float16
    for result, expected in zip(together, solo, strict=True):
        assert isinstance(result, Result), result
        assert np.isfinite(expected.picture).all()
        assert np.array_equal(result.picture, expected.picture)


@pytest.mark.parametrize("name", FAMILIES)
def test_other_sizes_run_in_passes_of_their_own(name: str) -> None:
    family = FAMILIES[name]
    calls = [
        family.call("text-to-image", number, steps=8, scale=3.0, side=(64, 96)[number % 2])
        for number in range(6)
    ]
    shapes: list[int] = []
    with bench(family.pipeline()) as studio:
        solo = [studio.solo(call, seed) for seed, call in enumerate(calls)]
        denoiser = next(iter(denoisers_of(studio.pipeline, model="", cap=lambda cells: 1).values())).module
        with watched(denoiser, lambda seen: shapes.append(seen["hidden_states"].shape[0])):
            together = studio.together(calls)

    assert max(shapes) <= 3 * min(shapes)  # three requests have one size
    assert studio.mean_batch() > 1.3
    for batched, alone in zip(together, solo, strict=True):
        assert_same(batched, alone)


@pytest.mark.parametrize("name", ["Flux", "QwenImage"])
def test_texts_of_other_lengths_run_in_passes_of_their_own(name: str) -> None:
    family = FAMILIES[name]
    calls = [
        family.call("text-to-image", number, steps=3, scale=3.0, length=(8, 13)[number % 2])
        for number in range(6)
    ]
    with bench(family.pipeline()) as studio:
        solo = [studio.solo(call, seed) for seed, call in enumerate(calls)]
        together = studio.together(calls)

    assert 1.3 < studio.mean_batch() <= 3
    assert studio.statistics.summary()["tiny"]["largest_batch"] <= 3
    for batched, alone in zip(together, solo, strict=True):
        assert_same(batched, alone)


def test_qwen_texts_padded_to_one_length_share_a_pass_and_keep_their_masks() -> None:
    family = FAMILIES["QwenImage"]
    calls = []
    for number in range(4):
        call = family.call("text-to-image", number, steps=3, scale=3.0)
        whole = call["prompt_embeds_mask"].clone()
        whole[:, 6 + number :] = 0
        calls.append(call | {"prompt_embeds_mask": whole})
    with bench(family.pipeline()) as studio:
        solo = [studio.solo(call, seed) for seed, call in enumerate(calls)]
        unmasked = studio.solo(family.call("text-to-image", 0, steps=3, scale=3.0), 0)
        together = studio.together(calls)

    assert not torch.equal(solo[0].latents, unmasked.latents)  # the mask does something
    assert studio.mean_batch() > 1.3
    for batched, alone in zip(together, solo, strict=True):
        assert_same(batched, alone)


@pytest.mark.parametrize("name", ["Flux", "QwenImage"])
def test_a_member_that_fails_fails_alone(name: str) -> None:
    family = FAMILIES[name]
    calls = [family.call("text-to-image", number, steps=4, scale=3.0) for number in range(4)]
    calls.append(poisoned(family.call("text-to-image", 4, steps=2, scale=3.0)))
    under_way = Event()
    sizes: list[int] = []

    def refuse(seen: dict[str, Any]) -> None:
        if not under_way.is_set():
            under_way.set()
            time.sleep(0.3)  # the poisoned one comes, and leads the next pass: it has fewest steps to do
        if seen["encoder_hidden_states"].isnan().any():
            sizes.append(seen["hidden_states"].shape[0])
            raise ValueError("not a number")

    with bench(family.pipeline(), cap=2) as studio:
        solo = [studio.solo(call, seed) for seed, call in enumerate(calls[:-1])]
        with watched(studio.pipeline.transformer, refuse):
            *healthy, ill = studio.together(calls, last_after=under_way)

    assert sizes == [2, 1]  # with another one, then by itself
    assert isinstance(ill, ValueError)
    for result, alone in zip(healthy, solo, strict=True):
        assert_same(result, alone)


@pytest.mark.parametrize("name", ["SD", "Flux"])
def test_a_full_device_lowers_the_cap_and_everyone_is_served(name: str) -> None:
    family = FAMILIES[name]
    calls = [family.call("text-to-image", number, steps=4, scale=3.0) for number in range(8)]
    samples = 2 if name == "SD" else 1  # with guidance SD paints two samples a request
    refused: list[int] = []

    def refuse(seen: dict[str, Any]) -> None:
        if (size := seen["hidden_states"].shape[0]) > 3 * samples:
            refused.append(size)
            raise torch.OutOfMemoryError("the device is full")

    with bench(family.pipeline()) as studio:
        solo = [studio.solo(call, seed) for seed, call in enumerate(calls)]
        denoiser = next(iter(denoisers_of(studio.pipeline, model="", cap=lambda cells: 1).values())).module
        with watched(denoiser, refuse):
            together = studio.together(calls)

    assert 1 <= len(refused) <= math.log2(8)  # halved each time, and remembered
    assert studio.mean_batch() > 1.3
    for batched, alone in zip(together, solo, strict=True):
        assert_same(batched, alone)
