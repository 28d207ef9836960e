"""What is judged: a model's samples, the painter's own scenes, and what random weights make."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from PIL import Image

from ml_models.starter.recipe.atomic import whole_file
from ml_models.starter.recipe.judge.prompts import Prompt
from ml_models.starter.recipe.judge.staging import painted
from ml_models.starter.recipe.sample import BATCH, GUIDANCE, STEPS, load, paint

log = logging.getLogger(__name__)

FIRST_SEED = 1
CEILING_SEED, REFERENCE_SEED = 70_000_000, 80_000_000


def fingerprint(model: Path, prompts: Sequence[Prompt]) -> str:
    """Twelve hexadecimal digits that change with any weight or setting of a diffusers folder, or prompt."""
    digest = hashlib.sha256(f"{STEPS} {GUIDANCE} {[prompt.text for prompt in prompts]}".encode())
    for path in sorted(p for p in model.rglob("*") if p.suffix in (".json", ".safetensors", ".txt")):
        digest.update(path.relative_to(model).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def samples(model: Path, prompts: Sequence[Prompt], work: Path, device: str) -> list[Image.Image]:
    """What the model paints for each prompt; whatever an earlier run painted is read from `work`."""
    return _kept(load(model, device), prompts, work / f"samples-{fingerprint(model, prompts)}")


def random_samples(model: Path, prompts: Sequence[Prompt], work: Path, device: str) -> list[Image.Image]:
    """The same with a UNet of the same shape that has learned nothing: the floor."""
    pipeline = load(model, device)
    torch.manual_seed(0)
    pipeline.unet = UNet2DConditionModel.from_config(pipeline.unet.config).to(device)
    return _kept(pipeline, prompts, work / f"random-{fingerprint(model, prompts)}")


def scenes(prompts: Sequence[Prompt], first_seed: int, each: int = 1) -> Iterator[Image.Image]:
    """The painter's own scenes, `each` of them for every prompt."""
    for i in range(each):
        for j, prompt in enumerate(prompts):
            yield painted(prompt, first_seed + i * len(prompts) + j)


def _kept(pipeline: StableDiffusionPipeline, prompts: Sequence[Prompt], folder: Path) -> list[Image.Image]:
    folder.mkdir(parents=True, exist_ok=True)
    pictures: list[Image.Image] = []
    for start in range(0, len(prompts), BATCH):
        some = [prompt.text for prompt in prompts[start : start + BATCH]]
        path = folder / f"{start:04d}-{len(some)}.npy"
        if not path.exists():
            made = paint(pipeline, some, FIRST_SEED + start)
            with whole_file(path) as unfinished:
                np.save(unfinished, np.stack([np.asarray(picture) for picture in made]))
            log.info("%s: %d of %d", folder.name, start + len(some), len(prompts))
        pictures += [Image.fromarray(picture) for picture in np.load(path, allow_pickle=False)]
    return pictures
