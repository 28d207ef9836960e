"""Train the UNet and its text encoder together on cached latents (see latents).

    python -m ml_models.starter.recipe.train_unet work/scenes work/vae work/unet model --minutes 45

The learning rate is flat and falls to zero over the last part of the budget. Running the same command again
goes on from the last checkpoint, and every save leaves a folder that StableDiffusionPipeline loads as it is.
`--start-from` begins with a finished model's weights instead of random ones. If the autoencoder's latents are
twice as fine as that model's, its UNet is grown (see grow).
"""

import argparse
import itertools
import logging
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from ml_models.starter.recipe.atomic import whole_file
from ml_models.starter.recipe.average import Average
from ml_models.starter.recipe.beginning import from_model, from_nothing
from ml_models.starter.recipe.budget import Budget
from ml_models.starter.recipe.export import export
from ml_models.starter.recipe.latents import TrainingSet
from ml_models.starter.recipe.optimiser import optimiser_for
from ml_models.starter.recipe.parts import TIMESTEPS, new_scheduler, noise_schedule

log = logging.getLogger(__name__)

SAVE_EVERY_SECONDS = 180
LEAST_STEPS = 60  # minutes do not count before
LOG_EVERY_STEPS = 25
WARMUP_STEPS = 60
# share of the budget in which a grown UNet's new parts train alone, lest they spoil what the others know
SETTLING = 0.05
# Losses are logged by the timesteps at which layout, shape and detail are decided.
RANGES = {"layout": (750, TIMESTEPS), "shape": (400, 750), "detail": (-1, 400)}


@dataclass(frozen=True)
class UnetTraining:
    """How UNet and text encoder are trained: until `steps` or `minutes` are over, whichever comes first.

    cooldown is the last share of the budget, in which the learning rate falls to zero; snr_knee and
    clear_share are those of `noise_schedule`.
    """

    minutes: float = 45
    steps: float = math.inf
    batch: int = 80
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    average: float = 0.998
    snr_knee: float = 3.0
    clear_share: float = 0.0
    cooldown: float = 0.35
    compiled: bool = False
    seed: int = 0
    device: str = "cpu"


class UnetTrainer:
    """Trains on the scenes' latents, with checkpoints in `work` and the whole model in `out`.

    Begins with the weights and words of `start`, a finished model's folder; without it, from nothing.
    """

    def __init__(
        self,
        scenes: Path,
        vae: Path,
        work: Path,
        out: Path,
        training: UnetTraining,
        start: Path | None = None,
    ) -> None:
        torch.manual_seed(training.seed)
        self._vae, self._work, self._out, self._training = vae, work, out, training
        self.budget = Budget(training.steps, training.minutes, LEAST_STEPS)
        work.mkdir(parents=True, exist_ok=True)
        begun = from_model(start, vae) if start else from_nothing(scenes, vae, work / "tokenizer")
        self._tokenizer, self._settled = begun.tokenizer, begun.settled
        self._text_encoder = begun.text_encoder.to(training.device)
        self._unet = begun.unet.to(training.device, memory_format=torch.channels_last)
        if training.compiled and training.device == "cpu":
            # Kernels are written in place: one that a killed process left half written would break the next.
            self._kernels = TemporaryDirectory(prefix="kernels-")
            os.environ["TORCHINDUCTOR_CACHE_DIR"] = self._kernels.name
        self._predict = torch.compile(self._unet) if training.compiled else self._unet
        named = list(itertools.chain(self._unet.named_parameters(), self._text_encoder.named_parameters()))
        self._parameters = [parameter for _, parameter in named]
        ends = ("embedding", "conv_in", "conv_out")
        self._optimiser = optimiser_for(named, training.learning_rate, training.weight_decay, ends)
        self._average = Average(self._parameters, training.average)
        scheduler = new_scheduler(begun.unet.config.sample_size)
        self._schedule = noise_schedule(scheduler, training.snr_knee, training.clear_share, training.device)
        if self._checkpoint.exists():
            self._resume()
        data = TrainingSet(scenes, self._tokenizer, training.device)
        self._batches = data.batches(training.batch, training.seed + self.budget.step)

    @property
    def _checkpoint(self) -> Path:
        return self._work / "checkpoint.pt"

    def run(self, until: float = math.inf) -> bool:
        """Trains until the budget is used up, saves every few minutes and at the end.

        Stops early when `time.monotonic()` reaches `until`; returns whether the budget is used up.
        """
        saved, errors, timesteps = time.monotonic(), [], []
        while self.budget.progress < 1 and time.monotonic() < until:
            error, t = self._step()
            errors.append(error)
            timesteps.append(t)
            self.budget.count()
            if self.budget.step % LOG_EVERY_STEPS == 0:
                self._report(torch.cat(errors), torch.cat(timesteps))
                errors, timesteps = [], []
            if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.budget.progress >= 1

    def save(self) -> None:
        """Writes the checkpoint and, with averaged weights, the model."""
        state = {
            "unet": self._unet.state_dict(),
            "text_encoder": self._text_encoder.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "average": self._average.weights,
            "step": self.budget.step,
            "spent": self.budget.spent,
        }
        with whole_file(self._checkpoint) as unfinished:
            torch.save(state, unfinished)
        with self._average.applied():
            export(self._out, self._vae, self._tokenizer, self._text_encoder, self._unet)
        log.info("UNet: saved after %d steps", self.budget.step)

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, map_location=self._training.device, weights_only=True)
        self._unet.load_state_dict(state["unet"])
        self._text_encoder.load_state_dict(state["text_encoder"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._average.load(state["average"])
        self.budget.step, self.budget.spent = state["step"], state["spent"]
        log.info("UNet: resumed at step %d", self.budget.step)

    def _step(self) -> tuple[Tensor, Tensor]:
        """One step; returns each sample's squared error and its timestep."""
        training = self._training
        self._optimiser.set_learning_rate(training.learning_rate * self._rate())
        for parameter in self._settled:
            parameter.requires_grad_(self.budget.progress >= SETTLING)
        latents, ids = next(self._batches)
        t = self._schedule.draw(len(latents))
        seen, velocity = self._schedule.mix(latents, torch.randn_like(latents), t)
        with torch.autocast(torch.device(training.device).type, dtype=torch.bfloat16):
            text = self._text_encoder(input_ids=ids).last_hidden_state
            seen = seen.contiguous(memory_format=torch.channels_last)
            predicted = self._predict(seen, t, text, return_dict=False)[0]
        error = (predicted.float() - velocity).square().mean((1, 2, 3))
        loss = (error * self._schedule.weight[t]).mean()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimiser.step()
        self._average.update(self.budget.step)
        return error.detach(), t

    def _rate(self) -> float:
        cool = min(1, (1 - self.budget.progress) / self._training.cooldown)
        return self.budget.warmth(WARMUP_STEPS) * cool

    def _report(self, errors: Tensor, t: Tensor) -> None:
        means = {name: errors[(t > low) & (t <= high)].mean() for name, (low, high) in RANGES.items()}
        parts = ", ".join(f"{name} {mean:.3f}" for name, mean in means.items())
        samples = self.budget.step * self._training.batch
        log.info("UNet %d: error %s; %.0f samples/s", self.budget.step, parts, samples / self.budget.spent)


def main() -> None:
    """The command line."""
    usual = UnetTraining()
    parser = argparse.ArgumentParser(description="Train the UNet and the text encoder.")
    parser.add_argument("scenes", type=Path, help="folder of painted shards with their latents")
    parser.add_argument("vae", type=Path, help="the autoencoder's diffusers folder")
    parser.add_argument("work", type=Path, help="folder for the tokenizer and the checkpoint")
    parser.add_argument("out", type=Path, help="diffusers folder to write the whole model to")
    parser.add_argument("--start-from", type=Path, dest="start", help="diffusers folder to begin with")
    parser.add_argument("--minutes", type=float, default=usual.minutes, help=f"at most ({usual.minutes})")
    parser.add_argument("--steps", type=int, default=usual.steps, help="at most (no limit)")
    parser.add_argument("--batch", type=int, default=usual.batch, help=f"samples per step ({usual.batch})")
    parser.add_argument("--learning-rate", type=float, default=usual.learning_rate)
    parser.add_argument("--snr-knee", type=float, default=usual.snr_knee, help=f"({usual.snr_knee})")
    parser.add_argument(
        "--clear-share", type=float, default=usual.clear_share, help=f"of the samples ({usual.clear_share})"
    )
    parser.add_argument("--average", type=float, default=usual.average, help="decay of the averaged weights")
    parser.add_argument(
        "--compile", action="store_true", dest="compiled", help="pays off from half an hour on"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = vars(parser.parse_args())
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    paths = options.pop("scenes"), options.pop("vae"), options.pop("work"), options.pop("out")
    start = options.pop("start")
    UnetTrainer(*paths, UnetTraining(**options), start).run()


if __name__ == "__main__":
    main()
