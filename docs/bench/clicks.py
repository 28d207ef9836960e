"""What a click of smart_mask costs: `python -m docs.bench.clicks`, or with all else by `make bench`."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")

import httpx2
import numpy as np
import tomli_w
from django.conf import settings
from PIL import Image
from skimage import data

from core.jobs.tests.studio import Studio
from docs.bench.server import scratch_studio, wait_until_healthy
from docs.bench.spread import Spread
from docs.bench.table import Table
from docs.bench.threads import default_threads

PICTURES = 3
CLICKS = 7
ROUNDS = 9
# scikit-image's cup of coffee (600 x 400) at these sizes; both are 3 : 2 and about 1 and 12 megapixels.
SMALL, LARGE = (1248, 832), (4320, 2880)
# On the saucer: as fractions, it is the same click at every size.
POINT = [0.5, 0.8625]
LOADERS = {"sam-vit-base": "transformers.sam", "sam2.1-tiny": "transformers.sam2"}


def measure(
    threads: int, *, kinds: Sequence[str] = tuple(LOADERS), small: Any = SMALL, large: Any = LARGE
) -> Iterator[Table]:
    """One table for models of the SAM kind, one for GrabCut."""
    with _studio(threads, kinds) as studio, studio.client() as client:
        yield _second_clicks(client, kinds, small)
        yield _large_pictures(client, small, large)


def photo(size: tuple[int, int], seed: int = 0) -> bytes:
    """A JPEG of the cup at `size`, with a little noise, another one for each seed."""
    cup = Image.fromarray(data.coffee()).resize(size, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(seed).normal(0, 3, (size[1], size[0], 1))
    pixels = np.clip(np.asarray(cup) + noise, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=92)
    return out.getvalue()


def _second_clicks(client: httpx2.Client, kinds: Sequence[str], size: tuple[int, int]) -> Table:
    rows = []
    for kind in kinds:
        _click(client, kind, file=photo(size, seed=99))  # loads the model
        firsts, laters, ratios = [], [], []
        for number in range(PICTURES):
            first, answer = _click(client, kind, file=photo(size, seed=number))
            assert answer["cached"] is False
            later = []
            for turn in range(CLICKS):
                seconds, again = _click(client, kind, image_id=answer["image_id"], x=0.1 * (turn + 1))
                assert again["cached"] is True
                later.append(seconds)
            firsts.append(first)
            laters += later
            ratios.append(first / median(later))
        rows.append(
            (
                kind,
                Spread.of(firsts).text("s"),
                Spread.of(laters).text("ms", digits=0, scale=1000),
                f"**{Spread.of(ratios).text(digits=0)}**",
            )
        )
    note = (
        f"From the request to the last byte of the mask, over HTTP; {PICTURES} pictures of "
        f"{size[0]} x {size[1]}, {CLICKS} more clicks on each by `image_id`, on the CPU. The models have the "
        "size of the published ones and random weights. Median (min to max)."
    )
    header = ("model", "first click", "a later click", "the first takes, times a later one")
    return Table("Clicks", note, header, rows)


def _large_pictures(client: httpx2.Client, small: tuple[int, int], large: tuple[int, int]) -> Table:
    times: dict[tuple[str, tuple[int, int]], list[float]] = {}
    for number in range(-1, ROUNDS):  # the first round warms up
        for size in (small, large):
            first, answer = _click(client, "grabcut", file=photo(size, seed=number + 1))
            later, _ = _click(client, "grabcut", image_id=answer["image_id"])
            if number >= 0:
                times.setdefault(("first", size), []).append(first)
                times.setdefault(("later", size), []).append(later)
    rows = []
    for what, label in (("first", "the first, which brings the picture"), ("later", "a later one")):
        one, other = times[what, small], times[what, large]
        ratios = [slow / fast for fast, slow in zip(one, other, strict=True)]
        spreads = [Spread.of(each).text("ms", digits=0, scale=1000) for each in (one, other)]
        rows.append((label, *spreads, f"**{Spread.of(ratios).text()}**"))
    note = (
        "The same click on the same photo, sent as a JPEG and answered with a mask of its size, over HTTP; "
        f"{ROUNDS} rounds, small and large in turn. Median (min to max)."
    )
    header = ("GrabCut click", _megapixels(small), _megapixels(large), "times")
    return Table("Clicks without weights", note, header, rows)


def _click(
    client: httpx2.Client, model: str, *, file: bytes | None = None, image_id: str = "", x: float = POINT[0]
) -> tuple[float, dict[str, Any]]:
    """Seconds and the answer. RuntimeError, with what the studio said, for anything but a mask."""
    fields = {"model": model, "points": f"[[{x}, {POINT[1]}]]", "units": "fractions"}
    fields |= {"image_id": image_id} if image_id else {}
    started = time.perf_counter()
    answer = client.post("/smart-mask/", data=fields, files={"image": file} if file else None)
    seconds = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"The studio answered {answer.status_code}: {answer.text}")
    return seconds, answer.json()


@contextmanager
def _studio(threads: int, kinds: Sequence[str]) -> Iterator[Studio]:
    """A running studio that has random models under the published ones' names."""
    with scratch_studio(threads, STUDIO_PRELOAD="false") as studio:
        models = studio.root / "state" / "models"
        entries = [_entry(kind, str(models / "random" / kind)) for kind in kinds]
        for entry in entries:
            command = [sys.executable, "-m", "docs.bench.random_sam", entry["id"], entry["source"]["path"]]
            subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True)  # noqa: S603
        models.mkdir(parents=True, exist_ok=True)
        (models / "catalogue.toml").write_text(tomli_w.dumps({"model": entries}), encoding="utf-8")
        studio.start()
        wait_until_healthy(studio, "/health/live")
        yield studio


def _entry(kind: str, folder: str) -> dict[str, Any]:
    return {
        "id": kind,
        "task": "mask-generation",
        "family": "random",
        "loader": LOADERS[kind],
        "source": {"path": folder},
        "licence": "Apache-2.0",
        "licence_url": "",
        "commercial_use": True,
        "description": "Random weights.",
    }


def _megapixels(size: tuple[int, int]) -> str:
    return f"{size[0] * size[1] / 1e6:.0f} MP"


def main() -> None:
    """Prints the tables."""
    for table in measure(default_threads()):
        sys.stdout.write(f"{table.markdown()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
