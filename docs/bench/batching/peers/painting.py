"""The model and its pictures, as every server here loads and paints them with plain diffusers."""

import io
import os
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import diffusers
import torch
import transformers
from diffusers import AutoPipelineForText2Image
from PIL import Image

Body = dict[str, Any]

# What static batching waits for: so many requests, or so many seconds after the first.
MAX_BATCH_SIZE = 8
BATCH_SECONDS = 0.02


def load() -> Any:
    """The pipeline in the folder `BENCH_MODEL`, on the CPU in float32, with OMP_NUM_THREADS threads."""
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    diffusers.utils.logging.set_verbosity_error()
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
    pipeline = AutoPipelineForText2Image.from_pretrained(
        os.environ["BENCH_MODEL"], dtype=torch.float32, local_files_only=True, use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def paint(pipeline: Any, bodies: Sequence[Body]) -> list[Image.Image]:
    """One call of the pipeline for requests that differ in prompt and seed only."""
    first = bodies[0]
    images: list[Image.Image] = pipeline(
        prompt=[body["prompt"] for body in bodies],
        generator=[torch.Generator("cpu").manual_seed(body["seed"]) for body in bodies],
        num_inference_steps=first["num_inference_steps"],
        guidance_scale=first["guidance_scale"],
        width=first["width"],
        height=first["height"],
    ).images
    return images


def paint_in_groups(pipeline: Any, bodies: Sequence[Body]) -> list[Image.Image]:
    """A static batch: one call for each group of equal steps, guidance and size, one group after another."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place, body in enumerate(bodies):
        key = (body["num_inference_steps"], body["guidance_scale"], body["width"], body["height"])
        groups[key].append(place)
    images: dict[int, Image.Image] = {}
    for places in groups.values():
        images.update(zip(places, paint(pipeline, [bodies[place] for place in places]), strict=True))
    return [images[place] for place in range(len(bodies))]


def png(image: Image.Image) -> bytes:
    """Pillow's PNG with its own defaults."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
