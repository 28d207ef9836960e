"""The training of UNet and text encoder: its arithmetic, its checkpoints and what it exports."""

import json
import logging
import math
import os
import re
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline

from ml_models.starter import recipe
from ml_models.starter.recipe.autoencoder import SHAPES, new_autoencoder
from ml_models.starter.recipe.average import Average
from ml_models.starter.recipe.budget import Budget
from ml_models.starter.recipe.build import plan
from ml_models.starter.recipe.held_out import MOST_BYTES
from ml_models.starter.recipe.judge.prompts import prompts
from ml_models.starter.recipe.latents import TrainingSet, cache_latents
from ml_models.starter.recipe.optimiser import optimiser_for, orthogonalise
from ml_models.starter.recipe.painter.shards import shards
from ml_models.starter.recipe.parts import (
    TEXT_LAYERS,
    new_scheduler,
    new_text_encoder,
    new_unet,
    noise_schedule,
)
from ml_models.starter.recipe.sample import load
from ml_models.starter.recipe.tokenizer import train_tokenizer
from ml_models.starter.recipe.train_unet import UnetTrainer, UnetTraining

MODEL = Path(recipe.__file__).parents[1] / "model"


@pytest.mark.parametrize("shape", [(2, 24, 8), (2, 8, 24)])
def test_orthogonalised_matrices_have_singular_values_around_one(shape):
    values = torch.linalg.svdvals(orthogonalise(torch.randn(shape, generator=torch.manual_seed(0))))
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_muon_gets_hidden_matrices_and_adam_the_rest():
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4))
    muon, adam = optimiser_for(model.named_parameters(), 1e-3, 0.0, ends=("1.",)).param_groups
    assert [p.shape for p in muon["params"]] == [(4, 4)]
    assert len(adam["params"]) == 3


def test_the_optimiser_learns_a_linear_map():
    torch.manual_seed(0)
    model, goal, x = torch.nn.Linear(6, 6), torch.randn(6, 6), torch.randn(64, 6)
    optimiser = optimiser_for(model.named_parameters(), 0.5, 0.0, ends=())
    losses = []
    for step in range(200):
        optimiser.set_learning_rate(0.5 * (1 - step / 200))
        loss = (model(x) - x @ goal).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.01 * losses[0]


def test_the_average_is_applied_inside_its_block_only():
    weight = torch.nn.Parameter(torch.zeros(1))
    average = Average([weight], decay=0.5)
    weight.data.fill_(1.0)
    average.update(step=1000)
    with average.applied():
        assert weight.item() == 0.5
    assert weight.item() == 1.0


def test_a_budget_ends_with_its_steps_or_its_minutes():
    assert Budget(steps=10, step=5).progress == 0.5
    assert Budget(minutes=1, spent=45).progress == 0.75
    assert Budget(steps=10, minutes=1, step=9, spent=6).progress == 0.9
    assert Budget(minutes=1, spent=600, least=60, step=15).progress == 0.25
    budget = Budget(steps=2)
    budget.count()
    assert (budget.step, budget.progress) == (1, 0.5)


def test_warmth_takes_some_steps_or_a_twentieth_of_a_small_budget():
    assert Budget(steps=1000).warmth(50) == 0.02
    assert Budget(steps=1000, step=60).warmth(50) == 1
    assert Budget(steps=20, step=1).warmth(50) == 1


@pytest.mark.parametrize("size", [16, 32])
def test_the_noise_schedule_ends_in_pure_noise_and_keeps_the_variance(size):
    schedule = noise_schedule(new_scheduler(size))
    assert schedule.picture[-1] == 0
    assert torch.allclose(schedule.picture**2 + schedule.noise**2, torch.ones(1000))
    assert math.isclose(schedule.weight.mean(), 1, rel_tol=1e-5)
    assert schedule.weight[-1] == schedule.weight.max()


def test_the_velocity_gives_picture_and_noise_back():
    schedule, t = noise_schedule(new_scheduler(16)), torch.tensor([0, 500, 999])
    latents, noise = torch.randn(2, 3, 12, 16, 16)
    seen, velocity = schedule.mix(latents, noise, t)
    a, b = schedule.picture[t][:, None, None, None], schedule.noise[t][:, None, None, None]
    assert torch.allclose(a * seen - b * velocity, latents, atol=1e-5)
    assert torch.allclose(b * seen + a * velocity, noise, atol=1e-5)


def test_finer_latents_get_more_noise_most_of_all_where_the_layout_is_decided():
    coarse, fine = (noise_schedule(new_scheduler(size)) for size in (16, 32))
    more = (fine.noise / fine.picture)[:-1] / (coarse.noise / coarse.picture)[:-1]
    assert 1.3 < more.min() < 1.4
    assert 1.8 < more[733] < 2


def test_timesteps_are_spread_over_their_range():
    schedule = noise_schedule(new_scheduler(32))
    assert torch.equal(schedule.draw(10).sort().values // 100, torch.arange(10))
    assert schedule.draw(1000).unique().numel() > 900


def test_a_share_of_the_samples_can_be_drawn_where_the_picture_is_clear():
    scheduler = new_scheduler(32)
    snr = scheduler.alphas_cumprod / (1 - scheduler.alphas_cumprod)

    def shares(clear_share):
        seen = snr[noise_schedule(scheduler, clear_share=clear_share).draw(1000)]
        return (seen < 0.1).float().mean(), (seen > 10).float().mean()

    murky, clear = shares(0.0)
    assert murky > 0.4
    assert clear < 0.06
    murky, clear = shares(0.6)
    assert 0.17 < murky < 0.2
    assert 0.2 < clear < 0.25


def test_batches_pair_latents_with_captions_and_cover_an_epoch(scenes, fitted):
    cache_latents(scenes, fitted, "cpu")
    data = TrainingSet(scenes, train_tokenizer(["a cat"] * 5, size=700), "cpu")
    batches = data.batches(size=12, seed=0)
    seen = torch.cat([next(batches)[0], next(batches)[0]])
    assert data.ids.shape == (24, 40)
    assert torch.equal(seen.sum((1, 2, 3)).sort().values, data.latents.float().sum((1, 2, 3)).sort().values)


def test_captions_that_the_judge_asks_for_are_left_out(scenes, fitted, tmp_path):
    copied = Path(shutil.copytree(scenes, tmp_path / "scenes"))
    lines = shards(copied)[0].with_suffix(".jsonl")
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    rows[3]["text"] = prompts()[5].text.upper()
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    cache_latents(copied, fitted, "cpu")
    data = TrainingSet(copied, train_tokenizer(["a cat"] * 5, size=700), "cpu")
    assert len(data.latents) == len(data.ids) == 23


@pytest.mark.parametrize(("channels", "size"), [(12, 16), (4, 32)])
def test_a_unet_of_either_shape_keeps_the_model_small(channels, size):
    unet = new_unet(channels, size)
    text = new_text_encoder(train_tokenizer(["a cat"] * 5, size=2045), TEXT_LAYERS[size])
    vae = new_autoencoder(SHAPES["coarse" if size == 16 else "fine"])
    numbers = sum(p.numel() for part in (unet, text, vae) for p in part.parameters())
    tokenizer_bytes = 200_000
    assert 2 * numbers + tokenizer_bytes < MOST_BYTES
    with torch.no_grad():
        made = unet(torch.zeros(1, channels, size, size), 1, torch.zeros(1, 40, 192)).sample
    assert made.shape == (1, channels, size, size)


def test_a_plan_scales_with_the_minutes_and_the_device():
    short, long, gpu = plan(0.5, "cpu", 1), plan(120, "cpu", 2), plan(20, "cuda", 16)
    assert (short.scenes, long.scenes, gpu.scenes) == (200, 24_000, 115_200)
    assert short.unet.minutes == 0.25
    assert (long.unet.batch, gpu.unet.batch, gpu.unet.compiled) == (80, 1024, True)
    assert plan(120, "cpu", 2, scenes=300).scenes == 300


def test_unet_training_goes_on_where_it_stopped_and_exports_a_model_that_paints(scenes, fitted, tmp_path):
    cache_latents(scenes, fitted, "cpu")
    begun_at = []
    for steps in (1, 2):
        training = UnetTraining(steps=steps, minutes=math.inf, batch=4)
        trainer = UnetTrainer(scenes, fitted, tmp_path / "work", tmp_path / "model", training)
        begun_at.append(trainer.budget.step)
        trainer.run()
    assert begun_at == [0, 1]
    pipeline = StableDiffusionPipeline.from_pretrained(tmp_path / "model", dtype=torch.float32)
    assert pipeline("a cat", num_inference_steps=2).images[0].size == (256, 256)
    assert pipeline.scheduler.config.clip_sample is False


def test_training_can_begin_with_a_finished_model(scenes, fitted, tmp_path):
    cache_latents(scenes, fitted, "cpu")
    first = UnetTraining(steps=1, minutes=math.inf, batch=4)
    UnetTrainer(scenes, fitted, tmp_path / "work", tmp_path / "first", first).run()
    idle = UnetTraining(steps=1, minutes=math.inf, batch=4, learning_rate=0.0, seed=7)
    UnetTrainer(scenes, fitted, tmp_path / "other", tmp_path / "second", idle, start=tmp_path / "first").run()
    assert not [path for path in (tmp_path / "second").rglob("*.json") if str(tmp_path) in path.read_text()]
    before, after = (load(tmp_path / name) for name in ("first", "second"))
    assert after.tokenizer.get_vocab() == before.tokenizer.get_vocab()
    for part in ("unet", "text_encoder"):
        weights = getattr(before, part).state_dict()
        for name, weight in getattr(after, part).state_dict().items():
            assert torch.equal(weight, weights[name]), name


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not shutil.which(os.environ.get("CXX", "g++")), reason="compiles C++")
def test_a_compiled_training_learns_what_an_eager_one_does(scenes, tmp_path, caplog):
    """From trained weights: random ones go anywhere, whatever their gradients."""
    copied = Path(shutil.copytree(scenes, tmp_path / "scenes"))
    cache_latents(copied, MODEL / "vae", "cpu")
    caplog.set_level(logging.INFO)
    for name, compiled in (("eager", False), ("compiled", True)):
        training = UnetTraining(steps=50, minutes=math.inf, batch=8, compiled=compiled)
        UnetTrainer(copied, MODEL / "vae", tmp_path / name, tmp_path / f"{name}-model", training, MODEL).run()
    reports = [text for text in caplog.messages if "error layout" in text]
    errors = [[float(error) for error in re.findall(r"[a-z] (0\.\d+)", report)] for report in reports]
    (eager_first, eager_last), (compiled_first, compiled_last) = errors[:2], errors[2:]
    # Compiling draws random numbers of its own, so the two see other noise; but both learn, and as much.
    assert eager_last[0] < 0.85 * eager_first[0]
    assert compiled_last[0] < 0.85 * compiled_first[0]
    assert compiled_last == pytest.approx(eager_last, rel=0.2)
