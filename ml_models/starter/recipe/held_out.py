"""How good an autoencoder is, and whether a model has learned anything, on scenes that training never sees.

    python -m ml_models.starter.recipe.held_out my-model

logs the autoencoder's PSNR and checks the whole model (see `check`).
"""

import argparse
import logging
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from torch import Tensor

from ml_models.starter.recipe.autoencoder import to_unit
from ml_models.starter.recipe.painter import Scene, scene
from ml_models.starter.recipe.parts import TIMESTEPS, noise_schedule
from ml_models.starter.recipe.sample import load, paint

log = logging.getLogger(__name__)

FIRST_SEED = 90_000_000
BATCH = 8
# what the repository is willing to carry, and how far the error must be below that of predicting nothing (1)
MOST_BYTES = 24_000_000
MOST_ERROR = 0.9
# a picture is flat, and so broken, if its pixels deviate less than this from their mean, of 255
LEAST_DEVIATION = 2.0


class BrokenModelError(RuntimeError):
    """A model that loads and yet is none: too big, flat, deaf to its prompt, or untrained."""


@dataclass(frozen=True)
class Fidelity:
    """Decibels of PSNR: over whole pictures, and where a picture has edges only."""

    whole: float
    edges: float


@cache
def scenes(count: int) -> tuple[Scene, ...]:
    """The first held-out scenes."""
    return tuple(scene(FIRST_SEED + i, "paired") for i in range(count))


def pictures(count: int) -> Tensor:
    """Their pictures as the autoencoder takes them, (n, 3, 256, 256) in [-1, 1]."""
    return to_unit(torch.from_numpy(np.stack([np.asarray(s.image) for s in scenes(count)])))


@torch.no_grad()
def fidelity(vae: AutoencoderTiny, count: int = 64) -> Fidelity:
    """What an autoencoder keeps of held-out scenes; edges are the tenth of the pixels that differ most from
    their neighbours."""
    errors, steepness = [], []
    for x in torch.split(pictures(count), BATCH):
        made = vae.decoder(vae.encoder(x.to(vae.device))).cpu().clamp(-1, 1)
        errors.append((made - x).square().mean(1))
        across, down = x.diff(dim=-1, append=x[..., -1:]), x.diff(dim=-2, append=x[..., -1:, :])
        steepness.append((across.abs() + down.abs()).sum(1))
    error, steep = torch.cat(errors), torch.cat(steepness)
    edges = steep > torch.from_numpy(np.quantile(steep.numpy(), [0.9])).float()
    return Fidelity(_decibels(error), _decibels(error[edges]))


@torch.no_grad()
def denoising_error(pipeline: StableDiffusionPipeline, count: int = 32) -> float:
    """The squared error of the predicted velocity over all noise levels; predicting zero gets 1."""
    schedule, errors = noise_schedule(pipeline.scheduler), []
    generator = torch.Generator().manual_seed(0)
    steps = ((torch.arange(count) + 0.5) / count * TIMESTEPS).long()
    for x, seen, t in zip(
        torch.split(pictures(count), BATCH), _words(pipeline, count), torch.split(steps, BATCH), strict=True
    ):
        latents = pipeline.vae.encoder(x.to(pipeline.device)).cpu()
        noise = torch.randn(latents.shape, generator=generator)
        mixed, velocity = schedule.mix(latents, noise, t)
        text = pipeline.text_encoder(seen.to(pipeline.device)).last_hidden_state
        made = pipeline.unet(mixed.to(pipeline.device), t.to(pipeline.device), text).sample.cpu()
        errors.append((made - velocity).square().mean() / velocity.square().mean())
    return float(torch.stack(errors).mean())


def check(model: Path, device: str = "cpu") -> float:
    """Raises BrokenModelError unless the diffusers folder is a model; returns its `denoising_error`."""
    size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
    if size > MOST_BYTES:
        raise BrokenModelError(f"The model has {size / 1e6:.1f} MB, more than {MOST_BYTES / 1e6:.0f}.")
    pipeline = load(model, device)
    prompts = ["a red ball on a white background", "starry night over a lake"]
    ball, night = (np.asarray(paint(pipeline, [prompt])[0], float) for prompt in prompts)
    if min(ball.std(), night.std()) < LEAST_DEVIATION:
        raise BrokenModelError("The model paints flat pictures; its weights may have overflowed.")
    if np.array_equal(ball, night):
        raise BrokenModelError("The model paints the same whatever the prompt says.")
    error = denoising_error(pipeline)
    if not error < MOST_ERROR:
        raise BrokenModelError(
            f"The model has learned nothing: its error is {error:.2f}, and 1 is the worst."
        )
    return error


def _words(pipeline: StableDiffusionPipeline, count: int) -> tuple[Tensor, ...]:
    texts = [painted.caption for painted in scenes(count)]
    ids: Tensor = pipeline.tokenizer(
        texts, padding="max_length", truncation=True, return_tensors="pt"
    ).input_ids
    return torch.split(ids, BATCH)


def _decibels(squared_errors: Tensor) -> float:
    return -10 * math.log10(squared_errors.mean().item() / 4)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Check a model on scenes that it never saw.")
    parser.add_argument("model", type=Path, help="diffusers folder")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    vae = AutoencoderTiny.from_pretrained(options.model / "vae").float().to(options.device)
    log.info("autoencoder: %s", fidelity(vae))
    log.info("the whole model: denoising error %.3f", check(options.model, options.device))


if __name__ == "__main__":
    main()
