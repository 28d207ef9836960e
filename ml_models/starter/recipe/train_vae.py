"""Train the autoencoder: the decoder alone, or the encoder with it.

    python -m ml_models.starter.recipe.train_vae work/scenes work/pca work/vae

A linear encoder is fixed before (see pca_vae). A learned one starts by imitating it and is then let go, all
but a little, so its latents stay as smooth and centred as the linear ones while edges and faces come back.

The picture grows from 64 over 128 to 256 pixels while the decoder learns. Running the same command again goes
on from the last checkpoint, and every save leaves a diffusers folder that loads as it is.
"""

import argparse
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor
from torch.nn import functional

from ml_models.starter.recipe.atomic import whole_file, whole_folder
from ml_models.starter.recipe.autoencoder import (
    FULL_SIZE,
    SHAPES,
    GrowingDecoder,
    new_autoencoder,
    to_unit,
)
from ml_models.starter.recipe.average import Average
from ml_models.starter.recipe.budget import Budget
from ml_models.starter.recipe.optimiser import optimiser_for
from ml_models.starter.recipe.painter.pen import PICTURE
from ml_models.starter.recipe.painter.shards import shards

log = logging.getLogger(__name__)

SAVE_EVERY_SECONDS = 180
LEAST_STEPS = 60  # minutes do not count before
LOG_EVERY_STEPS = 50
WARMUP_STEPS = 100
# how wide the picture is until that share of the training is done
GROWTH = ((64, 0.135), (128, 0.5), (FULL_SIZE, math.inf))
# how much a learned encoder is held to the linear one: at first, from that share of the training on, and then
HOLD, RELEASED, LOOSE = 1.0, 0.3, 0.02


@dataclass(frozen=True)
class DecoderTraining:
    """How the autoencoder is trained.

    It ends after `steps` or `minutes`, whichever comes first. crop is the width in pixels of what it sees
    of each picture; noise of up to that deviation is added to latents, so that it forgives the UNet's. shape
    says which of SHAPES a learned encoder and its decoder have. grown is for a decoder that paints already:
    its pictures have their full size from the first step on.
    """

    steps: float = 2600
    minutes: float = math.inf
    batch: int = 16
    crop: int = 128
    learning_rate: float = 1.2e-3
    noise: float = 0.1
    average: float = 0.998
    learned_encoder: bool = False
    shape: str = "coarse"
    grown: bool = False
    seed: int = 0
    device: str = "cpu"


def crops(scenes: Path, size: int, crop: int, seed: int) -> Iterator[Tensor]:
    """Endless batches of random pieces of the pictures, half of them mirrored; uint8 (n, crop, crop, 3)."""
    rng = np.random.default_rng(seed)
    parts = [np.load(path, mmap_mode="r", allow_pickle=False) for path in shards(scenes)]
    shares = np.array([len(part) for part in parts], float)
    shares /= shares.sum()
    while True:
        batch = np.empty((size, crop, crop, 3), np.uint8)
        for i in range(size):
            part = parts[rng.choice(len(parts), p=shares)]
            y, x = rng.integers(0, PICTURE - crop + 1, 2)
            piece = part[rng.integers(len(part)), y : y + crop, x : x + crop]
            batch[i] = piece[:, ::-1] if rng.random() < 0.5 else piece
        yield torch.from_numpy(batch)


def picture_loss(made: Tensor, wanted: Tensor) -> Tensor:
    """How far pictures (n, 3, h, w) in [-1, 1] are off in colour, at edges, and in colour at quarter size."""
    colour = (made - wanted).abs().mean() + 0.5 * functional.mse_loss(made, wanted)
    across = (made.diff(dim=-1) - wanted.diff(dim=-1)).abs().mean()
    down = (made.diff(dim=-2) - wanted.diff(dim=-2)).abs().mean()
    coarse = (functional.avg_pool2d(made, 4) - functional.avg_pool2d(wanted, 4)).abs().mean()
    return colour + 0.7 * (across + down) + 0.5 * coarse


class DecoderTrainer:
    """Trains the autoencoder in `start`, with checkpoints and the result in `out`."""

    def __init__(self, scenes: Path, start: Path, out: Path, training: DecoderTraining) -> None:
        torch.manual_seed(training.seed)
        self._out, self._training = out, training
        self.budget = Budget(training.steps, training.minutes, LEAST_STEPS)
        fitted = AutoencoderTiny.from_pretrained(start).to(training.device, memory_format=torch.channels_last)
        self._linear = fitted.encoder.requires_grad_(False)
        vae = new_autoencoder(SHAPES[training.shape]) if training.learned_encoder else fitted
        self._vae = vae.to(training.device, memory_format=torch.channels_last)
        self._model = GrowingDecoder(self._vae).to(training.device)
        named = [*self._model.named_parameters()]
        if training.learned_encoder:
            named += [(f"encoder.{name}", p) for name, p in self._vae.encoder.named_parameters()]
        self._parameters = [parameter for _, parameter in named]
        ends = [
            f"{m}.layers.{i}." for m in ("encoder", "decoder") for i in (0, len(getattr(vae, m).layers) - 1)
        ]
        self._optimiser = optimiser_for(named, training.learning_rate, 1e-3, (*ends, "heads"))
        self._average = Average((p for p in self._vae.parameters() if p.requires_grad), training.average)
        if self._checkpoint.exists():
            self._resume()
        self._crops = crops(scenes, training.batch, training.crop, training.seed + self.budget.step)

    @property
    def _checkpoint(self) -> Path:
        return self._out.with_name(f"{self._out.name}.checkpoint.pt")

    def run(self, until: float = math.inf) -> bool:
        """Trains until the budget is used up, saves every few minutes and at the end.

        Stops early when `time.monotonic()` reaches `until`; returns whether the budget is used up.
        """
        saved, losses, errors = time.monotonic(), [], []
        while self.budget.progress < 1 and time.monotonic() < until:
            loss, error = self._step()
            losses.append(loss)
            errors.append(error)
            self.budget.count()
            if self.budget.step % LOG_EVERY_STEPS == 0:
                psnr = -10 * math.log10(torch.stack(errors).mean().item() / 4)
                log.info(
                    "decoder %d: loss %.3f, PSNR %.1f dB", self.budget.step, torch.stack(losses).mean(), psnr
                )
                losses, errors = [], []
            if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.budget.progress >= 1

    def save(self) -> None:
        """Writes the checkpoint and, with averaged weights, the autoencoder."""
        state = {
            "vae": self._vae.state_dict(),
            "heads": self._model.heads.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "average": self._average.weights,
            "step": self.budget.step,
            "spent": self.budget.spent,
        }
        with whole_file(self._checkpoint) as unfinished:
            torch.save(state, unfinished)
        with self._average.applied(), whole_folder(self._out) as unfinished:
            self._vae.save_pretrained(unfinished)
        log.info("decoder: saved after %d steps", self.budget.step)

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, map_location=self._training.device, weights_only=True)
        self._vae.load_state_dict(state["vae"])
        self._model.heads.load_state_dict(state["heads"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._average.load(state["average"])
        self.budget.step, self.budget.spent = state["step"], state["spent"]
        log.info("decoder: resumed at step %d", self.budget.step)

    def _step(self) -> tuple[Tensor, Tensor]:
        training, progress = self._training, self.budget.progress
        self._optimiser.set_learning_rate(training.learning_rate * self._rate(progress))
        size = FULL_SIZE if training.grown else next(size for size, until in GROWTH if progress < until)
        x = to_unit(next(self._crops).to(training.device))
        with torch.autocast(torch.device(training.device).type, dtype=torch.bfloat16):
            with torch.no_grad():
                linear = self._linear(x).float()
            z = self._vae.encoder(x).float() if training.learned_encoder else linear
            noise = training.noise * torch.rand(len(z), 1, 1, 1, device=z.device) * torch.randn_like(z)
            made = self._model(z + noise, size).float()
        wanted = functional.avg_pool2d(x, FULL_SIZE // size) if size < FULL_SIZE else x
        loss = picture_loss(made, wanted)
        if training.learned_encoder:
            loss = loss + self._hold(progress) * functional.mse_loss(z, linear)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimiser.step()
        self._average.update(self.budget.step)
        return loss.detach(), functional.mse_loss(made.detach(), wanted)

    @staticmethod
    def _hold(progress: float) -> float:
        """Falls evenly to a little, which keeps the latents' mean, variance and smoothness."""
        return max(LOOSE, HOLD * (1 - progress / RELEASED))

    def _rate(self, progress: float) -> float:
        """A linear warm-up, then a cosine down to 3 %."""
        cosine = 0.5 * (1 + math.cos(math.pi * min(1, progress)))
        return self.budget.warmth(WARMUP_STEPS) * (0.03 + 0.97 * cosine)


def main() -> None:
    """The command line."""
    usual = DecoderTraining()
    parser = argparse.ArgumentParser(description="Train the autoencoder's decoder.")
    parser.add_argument("scenes", type=Path, help="folder of painted shards")
    parser.add_argument("start", type=Path, help="autoencoder with a finished encoder, from pca_vae")
    parser.add_argument("out", type=Path, help="diffusers folder to write; the checkpoint lies beside it")
    parser.add_argument("--steps", type=int, default=usual.steps, help=f"at most ({usual.steps})")
    parser.add_argument("--minutes", type=float, default=math.inf, help="at most (no limit)")
    parser.add_argument("--batch", type=int, default=usual.batch, help=f"pictures per step ({usual.batch})")
    parser.add_argument("--crop", type=int, default=usual.crop, help=f"pixels, 64 to 256 ({usual.crop})")
    parser.add_argument("--learning-rate", type=float, default=usual.learning_rate)
    parser.add_argument("--learned-encoder", action="store_true", help="train an encoder with blocks, too")
    parser.add_argument("--shape", choices=SHAPES, default=usual.shape, help="of a learned one (coarse)")
    parser.add_argument("--grown", action="store_true", help="start has a decoder that paints already")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = vars(parser.parse_args())
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    paths = options.pop("scenes"), options.pop("start"), options.pop("out")
    DecoderTrainer(*paths, DecoderTraining(**options)).run()


if __name__ == "__main__":
    main()
