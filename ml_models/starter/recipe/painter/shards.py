"""Paint the training set.

    python -m ml_models.starter.recipe.painter.shards work/scenes --count 24000

One shard is scenes-<first seed>.npy, uint8 (n, 256, 256, 3), and scenes-<first seed>.jsonl, a caption and
what is seen per line. A shard that is already there is left alone, so a stopped painter goes on where it was.
"""

import argparse
import json
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np

from ml_models.starter.recipe.atomic import whole_file
from ml_models.starter.recipe.painter.cast import CROWDS
from ml_models.starter.recipe.painter.pen import PICTURE
from ml_models.starter.recipe.painter.scene import scene

log = logging.getLogger(__name__)


def shards(folder: Path) -> list[Path]:
    """The picture files of all finished shards in order of their seeds."""
    return sorted(folder.glob("scenes-*.npy"))


def captions(shard: Path) -> list[str]:
    """The captions of a shard's pictures."""
    with shard.with_suffix(".jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def paint_shard(folder: Path, first: int, count: int, crowd: str = "usual") -> Path:
    """Paints the scenes of seeds first to first + count - 1 unless they are there."""
    path = folder / f"scenes-{first:08d}.npy"
    if path.exists():
        return path
    pictures = np.empty((count, PICTURE, PICTURE, 3), np.uint8)
    with (
        whole_file(path.with_suffix(".jsonl")) as unfinished,
        unfinished.open("w", encoding="utf-8") as lines,
    ):
        for i in range(count):
            image, text, info = scene(first + i, crowd)
            pictures[i] = np.asarray(image)
            lines.write(json.dumps({"text": text, **info}, ensure_ascii=False) + "\n")
    with whole_file(path) as unfinished:
        np.save(unfinished, pictures)
    return path


def paint_shards(
    folder: Path, count: int, first: int = 0, shard: int = 1000, jobs: int = 1, crowd: str = "usual"
) -> None:
    """Paints `count` scenes from seed `first` on, in shards, with as many processes as there are jobs.

    `crowd` says how many things scenes have (see CROWDS).
    """
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(first, first + count, shard)
    counts = [min(shard, first + count - start) for start in starts]
    for path in _painted(folder, starts, counts, jobs, crowd):
        log.info("painted %s", path.name)


def _painted(folder: Path, starts: range, counts: list[int], jobs: int, crowd: str) -> Iterator[Path]:
    if jobs == 1:
        yield from map(paint_shard, repeat(folder), starts, counts, repeat(crowd))
        return
    with ProcessPoolExecutor(jobs) as painters:
        yield from painters.map(paint_shard, repeat(folder), starts, counts, repeat(crowd))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Paint captioned scenes for training.")
    parser.add_argument("folder", type=Path, help="where the shards go")
    parser.add_argument("--count", type=int, default=24_000, help="how many scenes (24000)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first scene (0)")
    parser.add_argument("--shard", type=int, default=1000, help="scenes per file (1000)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (one per core)")
    parser.add_argument(
        "--crowd", choices=CROWDS, default="usual", help="how many things scenes have (usual)"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    paint_shards(options.folder, options.count, options.first, options.shard, options.jobs, options.crowd)


if __name__ == "__main__":
    main()
