"""What the judges learn from: painted scenes and what they show, at the size at which judges look."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml_models.starter.recipe.atomic import whole_file
from ml_models.starter.recipe.judge.labels import Labels, encode
from ml_models.starter.recipe.painter import scene

SIGHT = 128  # pixels
# far from the seeds that generators are trained on
LESSON_SEEDS, EXAM_SEEDS = 50_000_000, 60_000_000
CHUNK = 250

Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class Lessons:
    """Pictures, uint8 (n, SIGHT, SIGHT, 3), and a row of labels for each (see `labels.encode`)."""

    pictures: Pictures
    labels: Labels


def as_seen(picture: Image.Image) -> Pictures:
    """A 256 x 256 picture as a judge sees it, uint8 (SIGHT, SIGHT, 3)."""
    return np.asarray(picture.convert("RGB").resize((SIGHT, SIGHT), Image.Resampling.BOX))


def lessons(folder: Path, first: int, count: int, jobs: int) -> Lessons:
    """The painted scenes of `count` seeds from `first` on; painted once, then read from the folder."""
    path = folder / f"lessons-{first}-{count}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        starts = range(first, first + count, CHUNK)
        ranges = [range(start, min(start + CHUNK, first + count)) for start in starts]
        with ProcessPoolExecutor(jobs) as painters:
            parts = list(painters.map(_painted, ranges))
        with whole_file(path) as unfinished:
            np.savez(
                unfinished,
                pictures=np.concatenate([part.pictures for part in parts]),
                labels=np.concatenate([part.labels for part in parts]),
            )
    with np.load(path, allow_pickle=False) as kept:
        return Lessons(kept["pictures"], kept["labels"])


def _painted(seeds: range) -> Lessons:
    scenes = [scene(seed, "paired") for seed in seeds]
    pictures = np.stack([as_seen(painted.image) for painted in scenes])
    return Lessons(pictures, np.stack([encode(painted.info) for painted in scenes]))
