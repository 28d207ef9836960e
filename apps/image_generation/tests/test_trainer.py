"""The training engine on every family, and what it leaves alone."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler, FlowMatchEulerDiscreteScheduler
from PIL import Image

from apps.image_generation.batching_statistics import Statistics
from apps.image_generation.engines.batching.engine import Engine, Request
from apps.image_generation.engines.opening import open_pipeline
from apps.image_generation.engines.text_to_image import TextToImage
from apps.image_generation.engines.training.objectives import Diffusion, Flow
from apps.image_generation.loras.teaching import Example, Plan
from apps.image_generation.painting import Painting
from apps.image_generation.tests import whole
from apps.image_generation.tests.tiny import FAMILIES, SIDE, noise
from core.exceptions import InvalidInput

PLAN = Plan(rank=4, learning_rate=1e-2, seed=3, width=SIDE, height=SIDE, batch_size=2)
WANTED = Painting("a ball", "", SIDE, SIDE, 2, 1.0, seed=5)


def _words(text: str | list[str]) -> int:
    return sum((text if isinstance(text, str) else text[0]).encode())


class TinyFlux(diffusers.FluxPipeline):  # type: ignore[misc]
    """Its T5 would be large: embeddings are drawn from the text instead."""

    def encode_prompt(self, prompt: str, **kwargs: Any) -> Any:
        seed = _words(prompt)
        return noise(seed, 1, 12, 32), noise(seed + 1, 1, 32), torch.zeros(12, 3)


class TinyQwenImage(diffusers.QwenImagePipeline):  # type: ignore[misc]
    """The same for its language model."""

    def encode_prompt(self, prompt: str, **kwargs: Any) -> Any:
        length = len(prompt)  # as long as the text is: two captions do not share a pass
        return noise(_words(prompt), 1, length, 32), torch.ones(1, length, dtype=torch.long)


KINDS = {"Flux": TinyFlux, "QwenImage": TinyQwenImage}


def tiny(name: str) -> Any:
    pipeline = FAMILIES[name].pipeline()
    kind = KINDS.get(name, type(pipeline))
    return kind(**pipeline.components)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine(
        most_requests=8, most_bytes=2**40, statistics=Statistics(), is_out_of_memory=lambda error: False
    )
    yield made
    made.close()


def model(pipeline: Any, engine: Engine) -> TextToImage:
    return TextToImage(pipeline, model="tiny", engine=engine, cap=lambda cells: 8)


def examples(captions: tuple[str, ...] = ("a ball", "a red ball")) -> list[Example]:
    draw = np.random.default_rng(0)
    colours = [
        Image.fromarray(np.full((SIDE, SIDE, 3), draw.integers(0, 256, 3), np.uint8)) for _ in captions
    ]
    return [Example(image, caption) for image, caption in zip(colours, captions, strict=True)]


def keep_going() -> None:
    """Nobody cancels."""


@pytest.mark.parametrize("name", list(FAMILIES))
def test_every_family_learns_and_its_file_is_what_diffusers_loads(
    name: str, engine: Engine, tmp_path: Path
) -> None:
    pipeline = tiny(name)
    denoiser = "unet" if "unet" in pipeline.components else "transformer"
    before = {key: value.clone() for key, value in pipeline.components[denoiser].state_dict().items()}
    trainer = model(pipeline, engine).trainer(replace(PLAN, checkpointing=name == "SDXL"))
    trainer.look_at(examples(), keep_going)

    losses = [trainer.step() for _ in range(40)]
    own = trainer.paint(WANTED, scale=1.0, on_step=lambda step, steps: None, check=keep_going)
    trainer.export(tmp_path / "made.safetensors", {"studio.trigger": "a ball"})

    assert np.mean(losses[-10:]) < 0.97 * np.mean(losses[:10])
    after = pipeline.components[denoiser].state_dict()
    assert after.keys() == before.keys(), "nothing was put into the model that others use"
    assert all(torch.equal(after[key], before[key]) for key in before)
    plain = tiny(name)
    plain.set_progress_bar_config(disable=True)
    plain.load_lora_weights(str(tmp_path), weight_name="made.safetensors")
    call = {"width": SIDE, "height": SIDE, "num_inference_steps": 2, "guidance_scale": 1.0}
    image = plain(prompt="a ball", **call, generator=torch.Generator().manual_seed(5)).images[0]
    assert np.array_equal(np.asarray(own.image), np.asarray(image))


def test_a_family_that_counts_time_in_its_own_way_is_refused(engine: Engine, tmp_path: Path) -> None:
    folder = whole.save("z-image-turbo", tmp_path)
    pipeline = open_pipeline(folder, dtype="float32", variant="", device="cpu")
    trainer = model(pipeline, engine).trainer(PLAN)

    with pytest.raises(InvalidInput, match="ZImagePipeline") as refused:
        trainer.look_at(examples(), keep_going)

    assert refused.value.error_code == "not_trainable"


def test_it_goes_on_from_its_file_as_if_nothing_had_happened(engine: Engine, tmp_path: Path) -> None:
    painter = model(tiny("SD"), engine)
    plan = replace(PLAN, accumulation=2)

    def begin() -> Any:
        trainer = painter.trainer(plan)
        trainer.look_at(examples(), keep_going)
        return trainer

    first, second = begin(), begin()
    for _ in range(3):
        first.step()
    first.save(tmp_path / "state")
    second.restore(tmp_path / "state")

    assert second.done == 3
    assert [first.step() for _ in range(3)] == [second.step() for _ in range(3)]


@pytest.mark.parametrize("damage", ["cut", "empty", "another rank"])
def test_what_cannot_be_gone_on_from_is_said(damage: str, engine: Engine, tmp_path: Path) -> None:
    painter = model(tiny("SD"), engine)
    file = tmp_path / "state"
    painter.trainer(replace(PLAN, rank=2)).save(file)
    if damage != "another rank":
        file.write_bytes(file.read_bytes()[: 1000 if damage == "cut" else 0])

    with pytest.raises(ValueError, match="state"):
        painter.trainer(PLAN).restore(file)


def test_half_precision_trains_too(engine: Engine) -> None:
    pipeline = tiny("SD").to(torch.float16)
    trainer = model(pipeline, engine).trainer(PLAN)
    trainer.look_at(examples(), keep_going)

    losses = [trainer.step() for _ in range(5)]

    assert np.isfinite(losses).all()
    assert all(weight.dtype == torch.float32 for weight in trainer._weights.values())
    assert any(weight.abs().max() > 0 for name, weight in trainer._weights.items() if "lora_B" in name)


def test_at_zero_terminal_snr_the_last_step_is_noise_alone_and_its_velocity_the_picture() -> None:
    config = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    schedule = DDPMScheduler(**config, rescale_betas_zero_snr=True, prediction_type="v_prediction")
    objective, picture = Diffusion(schedule.config), noise(1, 1, 4, 8, 8)

    for seed in range(3000):
        task = objective.task(picture, torch.Generator().manual_seed(seed))
        if int(task.timestep) == 999:
            break

    assert int(task.timestep) == 999
    assert torch.allclose(task.target, -picture, atol=1e-4)
    assert abs(float(torch.corrcoef(torch.stack([task.seen.flatten(), picture.flatten()]))[0, 1])) < 0.2


def test_noise_prediction_wants_the_noise_that_was_mixed_in() -> None:
    schedule = DDPMScheduler(prediction_type="epsilon")
    picture = noise(1, 1, 4, 8, 8)
    task = Diffusion(schedule.config).task(picture, torch.Generator().manual_seed(0))

    assert torch.allclose(task.seen, schedule.add_noise(picture, task.target, task.timestep))


def test_flow_is_a_straight_line_and_a_shift_moves_it_towards_noise() -> None:
    picture = noise(1, 1, 4, 8, 8)

    def task(shift: float) -> Any:
        scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
        return Flow(scheduler.config).task(picture, torch.Generator().manual_seed(0))

    plain, shifted = task(1.0), task(3.0)
    for each in (plain, shifted):
        time_of = each.timestep / 1000
        assert torch.allclose(each.seen - time_of * each.target, picture, atol=1e-5)
    share = float(plain.timestep) / 1000
    assert float(shifted.timestep) == pytest.approx(1000 * 3 * share / (1 + 2 * share), rel=1e-5)


def test_background_work_takes_a_quarter_while_somebody_paints_and_all_of_it_otherwise(
    engine: Engine,
) -> None:
    stop, done = threading.Event(), 0

    def train() -> None:
        nonlocal done
        while not stop.is_set():
            engine.background(lambda: time.sleep(0.005))
            done += 1

    thread = threading.Thread(target=train)
    thread.start()
    try:
        done = 0
        time.sleep(0.3)
        idle = done
        with engine.open(Request(share="a", steps=1), keep_going) as request:
            done, until, painted = 0, time.monotonic() + 0.6, 0
            while time.monotonic() < until:
                engine.run(request, lambda: time.sleep(0.005))
                painted += 1
            beside = done
    finally:
        stop.set()
        thread.join()

    assert idle > 20
    assert 0 < beside < 0.6 * painted, "it goes on, and those who paint have most of the time"


def test_a_failure_in_the_background_is_told_to_whoever_waits_for_it(engine: Engine) -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        engine.background(fail)
    assert engine.background(lambda: 7) == 7
