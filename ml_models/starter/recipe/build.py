"""The whole recipe, from nothing to a model.

    python -m ml_models.starter.recipe.build --minutes 120 --work work --out model

Paints scenes, fits and trains the autoencoder, encodes the scenes, trains UNet and text encoder, exports,
checks the result, and paints 24 samples beside the model. Every stage goes on where it was stopped.
"""

import argparse
import logging
import math
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderTiny

from ml_models.starter.recipe.autoencoder import SHAPES, shape_of
from ml_models.starter.recipe.held_out import check, fidelity
from ml_models.starter.recipe.latents import cache_latents
from ml_models.starter.recipe.painter.cast import CROWDS
from ml_models.starter.recipe.painter.shards import paint_shards
from ml_models.starter.recipe.pca_vae import fit
from ml_models.starter.recipe.sample import PROMPTS, captioned, load, paint
from ml_models.starter.recipe.train_unet import UnetTrainer, UnetTraining
from ml_models.starter.recipe.train_vae import DecoderTrainer, DecoderTraining

log = logging.getLogger(__name__)

# how the minutes are shared out; what is left goes to start-up, encoding and saving
PAINTING, DECODER, UNET = 0.1, 0.3, 0.5
# A model that paints already lacks outlines and faces; one that begins needs layout and colours first.
FURTHER: dict[str, Any] = {"snr_knee": 30.0, "clear_share": 0.6}
SCENES_PER_SECOND = 60  # a careful estimate for one core


class OtherBeginningError(RuntimeError):
    """A work folder that holds parts of a training from another model."""


@dataclass(frozen=True)
class Plan:
    """How much of everything fits into the minutes on the device."""

    scenes: int
    crowd: str
    shape: str
    decoder: DecoderTraining
    unet: UnetTraining
    start: Path | None = None


def plan(
    minutes: float,
    device: str,
    jobs: int,
    *,
    scenes: int | None = None,
    shape: str | None = None,
    crowd: str = "usual",
    start: Path | None = None,
) -> Plan:
    """A plan for so many minutes; `scenes` overrides how many are painted.

    With `start`, a finished model's folder, the plan goes on from there: with its words, its text encoder and
    UNet, and with its autoencoder unless `shape` is finer.

    Raises ValueError if `shape` is coarser than that model's.
    """
    begun = shape_of(AutoencoderTiny.load_config(start / "vae")) if start else None
    shape = shape or begun or "coarse"
    if begun and SHAPES[shape].halvings > SHAPES[begun].halvings:
        raise ValueError(f"A {begun} model cannot become {shape}.")
    on_gpu = device.startswith("cuda")
    most = 120_000 if on_gpu else 24_000
    affordable = int(minutes * 60 * PAINTING * SCENES_PER_SECOND * jobs)
    decoder = DecoderTraining(
        steps=math.inf if on_gpu else 2600,
        minutes=minutes * DECODER,
        batch=64 if on_gpu else 16,
        crop=256 if on_gpu else 128,
        learned_encoder=shape != begun and any(SHAPES[shape].encoder_blocks),
        shape=shape,
        grown=shape == begun,
        device=device,
    )
    unet = UnetTraining(
        minutes=minutes * UNET,
        batch=1024 if on_gpu else 80,
        average=0.9995 if on_gpu else 0.998,
        compiled=_compiling_pays(on_gpu, minutes),
        device=device,
        **(FURTHER if shape == begun else {}),
    )
    return Plan(scenes or max(200, min(most, affordable)), crowd, shape, decoder, unet, start)


def _compiling_pays(on_gpu: bool, minutes: float) -> bool:
    """On two CPU cores compiling took four minutes and made training half as fast again."""
    if on_gpu:
        return minutes >= 10
    return minutes >= 60 and shutil.which(os.environ.get("CXX", "g++")) is not None


def build(work: Path, out: Path, todo: Plan, jobs: int, until: float = math.inf) -> bool:
    """Carries the plan out; `work` keeps everything between, `out` becomes the model.

    Stops early when `time.monotonic()` reaches `until`; returns whether all is done. Raises BrokenModelError
    if what came out is no model, and OtherBeginningError if `work` holds what began with another model.
    """
    _note_beginning(work, todo.start)
    scenes, fitted, vae = work / "scenes", work / "fitted", work / "vae"
    log.info("painting %d scenes", todo.scenes)
    shard = max(1, min(1000, todo.scenes // jobs))
    paint_shards(scenes, todo.scenes, shard=shard, jobs=jobs, crowd=todo.crowd)
    if todo.start and todo.decoder.grown:
        beginning = todo.start / "vae"
    else:
        beginning = fitted
        if not fitted.exists():
            fit(scenes, fitted, SHAPES[todo.shape])
    if not DecoderTrainer(scenes, beginning, vae, todo.decoder).run(until):
        return False
    log.info("autoencoder: %s", fidelity(AutoencoderTiny.from_pretrained(vae)))
    cache_latents(scenes, vae, todo.decoder.device)
    if not UnetTrainer(scenes, vae, work / "unet", out, todo.unet, todo.start).run(until):
        return False
    log.info("checked: denoising error %.3f on held-out scenes", check(out, todo.unet.device))
    samples = out.with_name(f"{out.name}-samples.png")
    captioned(paint(load(out, todo.unet.device), PROMPTS), PROMPTS).save(samples)
    log.info("the model is in %s, what it paints in %s", out, samples)
    return True


def _note_beginning(work: Path, start: Path | None) -> None:
    """Weights, words and latents of two beginnings do not go together, and nothing else would tell."""
    note, beginning = work / "begun-with.txt", str(start.resolve()) if start else "nothing"
    unknown = "nothing" if (work / "vae.checkpoint.pt").exists() else beginning
    noted = note.read_text(encoding="utf-8") if note.exists() else unknown
    if noted != beginning:
        raise OtherBeginningError(f"{work} was begun with {noted}. Take another folder: --work.")
    work.mkdir(parents=True, exist_ok=True)
    note.write_text(beginning, encoding="utf-8")


def main() -> None:
    """The command line."""
    studio = Path(".studio/starter")  # git ignores it
    parser = argparse.ArgumentParser(description="Make a starter model from nothing.")
    parser.add_argument("--minutes", type=float, default=120, help="how long it may take, roughly (120)")
    parser.add_argument("--session", type=float, default=math.inf, help="stop cleanly after so many minutes")
    parser.add_argument("--work", type=Path, default=studio / "work", help="folder for everything between")
    parser.add_argument("--out", type=Path, default=studio / "model", help="diffusers folder for the model")
    parser.add_argument(
        "--start-from", type=Path, dest="start", help="a finished model's folder to go on from"
    )
    parser.add_argument("--scenes", type=int, help="how many scenes to paint (as many as the minutes allow)")
    parser.add_argument("--shape", choices=SHAPES, help="of the latents (coarse, or as --start-from has it)")
    parser.add_argument(
        "--crowd", choices=CROWDS, default="usual", help="how many things scenes have (usual)"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="painters (one per core)")
    parser.add_argument("--threads", type=int, help="torch threads (as torch chooses)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        todo = plan(
            options.minutes,
            options.device,
            options.jobs,
            scenes=options.scenes,
            shape=options.shape,
            crowd=options.crowd,
            start=options.start,
        )
    except ValueError as refusal:
        parser.error(str(refusal))
    until = time.monotonic() + options.session * 60
    if not build(options.work, options.out, todo, options.jobs, until):
        log.info("the session is over; the same command goes on from here")


if __name__ == "__main__":
    main()
