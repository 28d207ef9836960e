"""Train the judges: once for a work folder, in minutes on a CPU.

The lenient judge learns from pictures softened at random, so it knows a thing by its colours and rough shape;
the sharp one learns from painted scenes as they are, and blur or wobbly shapes put it off.
"""

import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ml_models.starter.recipe.atomic import whole_file
from ml_models.starter.recipe.autoencoder import to_unit
from ml_models.starter.recipe.judge.classifier import Classifier, lesson_loss
from ml_models.starter.recipe.judge.lessons import LESSON_SEEDS, SIGHT, Lessons, Pictures, lessons

log = logging.getLogger(__name__)

JUDGES = ("lenient", "sharp")
BATCH = 64
LOG_EVERY_STEPS = 50


@dataclass(frozen=True)
class JudgeTraining:
    """How many painted scenes a judge learns from, and how often it sees each."""

    scenes: int = 12_000
    epochs: int = 5
    learning_rate: float = 3e-3
    seed: int = 0
    device: str = "cpu"
    jobs: int = 1


def judge(kind: str, work: Path, training: JudgeTraining) -> Classifier:
    """The judge of that kind, trained if `work` has none yet that was trained like this."""
    name = f"{kind}-{training.scenes}x{training.epochs}-{training.seed}.pt"
    path, model = work / name, Classifier()
    if not path.exists():
        data = lessons(work, LESSON_SEEDS, training.scenes, training.jobs)
        _train(model, data, kind, training)
        with whole_file(path) as unfinished:
            torch.save({key: value.cpu() for key, value in model.state_dict().items()}, unfinished)
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.to(training.device).eval()


def _train(model: Classifier, data: Lessons, kind: str, training: JudgeTraining) -> None:
    torch.manual_seed(training.seed)
    model.apply(_restart)
    model.to(training.device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(model.parameters(), training.learning_rate, weight_decay=0.02)
    generator = torch.Generator().manual_seed(training.seed)
    steps, step, start = training.epochs * math.ceil(len(data.labels) / BATCH), 0, time.monotonic()
    losses: list[Tensor] = []
    for _ in range(training.epochs):
        for chosen in torch.split(torch.randperm(len(data.labels), generator=generator), BATCH):
            for group in optimiser.param_groups:
                group["lr"] = training.learning_rate * _rate(step / steps)
            moved = _moved(data.pictures[chosen.numpy()], generator)
            pictures = to_unit(torch.from_numpy(moved).to(training.device))
            labels = torch.from_numpy(data.labels[chosen.numpy()]).long().to(training.device)
            if kind == "lenient":
                pictures = softened(pictures, generator)
            with torch.autocast(torch.device(training.device).type, dtype=torch.bfloat16):
                seen = model(pictures)
            loss = lesson_loss(seen, labels)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(loss.detach())
            step += 1
            if step % LOG_EVERY_STEPS == 0:
                mean, passed = torch.stack(losses).mean(), time.monotonic() - start
                log.info("%s judge, step %d of %d: loss %.3f, %.0f s", kind, step, steps, mean, passed)
                losses = []


def _restart(module: torch.nn.Module) -> None:
    """Weights drawn after the seed is set, so that the same seed trains the same judge."""
    if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
        module.reset_parameters()


def _rate(progress: float) -> float:
    return min(1.0, progress * 20 + 0.05) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


def _moved(pictures: Pictures, generator: torch.Generator) -> Pictures:
    """Half of the pictures mirrored, all moved by up to 6 pixels."""
    mirrored = (torch.rand(len(pictures), generator=generator) < 0.5).numpy()
    pictures[mirrored] = pictures[mirrored, :, ::-1]
    x, y = torch.randint(0, 13, (2,), generator=generator).tolist()
    padded = np.pad(pictures, ((0, 0), (6, 6), (6, 6), (0, 0)), mode="edge")
    return padded[:, y : y + SIGHT, x : x + SIGHT]


def softened(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures as a weak model might have painted them: fewer pixels, or blurred, and with a little noise."""
    size = int(torch.randint(28, SIGHT + 1, (1,), generator=generator))
    if size < SIGHT:
        fewer = functional.interpolate(pictures, size=(size, size), mode="area")
        pictures = functional.interpolate(fewer, size=(SIGHT, SIGHT), mode="bilinear")
    noise = torch.randn(pictures.shape, generator=generator).to(pictures.device)
    strength = 0.12 * float(torch.rand(1, generator=generator))
    return (pictures + strength * noise).contiguous(memory_format=torch.channels_last)
