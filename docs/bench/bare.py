"""The bare pipeline in a process of its own: a line on stdin, a picture, a line of JSON on stdout.

The progress bars are off, as they are in the studio.
"""

import hashlib
import io
import json
import sys
import time
from typing import Any

import diffusers
import torch
import transformers
from diffusers import AutoPipelineForText2Image

from docs.bench import picture


def main() -> None:
    """Says when it has loaded, then paints once for every line that comes in."""
    diffusers.utils.logging.set_verbosity_error()
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
    pipeline = AutoPipelineForText2Image.from_pretrained(
        picture.MODEL_FOLDER, dtype=torch.float32, local_files_only=True, use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)
    _answer({"loaded": True})
    for _ in sys.stdin:
        _answer(_paint(pipeline))


def _paint(pipeline: Any) -> dict[str, Any]:
    """Seconds of the call, seconds of the call and Pillow's PNG, and a hash of the RGB pixels."""
    started = time.perf_counter()
    image = pipeline(
        prompt=picture.PROMPT,
        width=picture.SIDE,
        height=picture.SIDE,
        num_inference_steps=picture.STEPS,
        guidance_scale=picture.GUIDANCE_SCALE,
        generator=torch.Generator("cpu").manual_seed(picture.SEED),
    ).images[0]
    called = time.perf_counter()
    image.save(io.BytesIO(), "PNG")
    encoded = time.perf_counter()
    pixels = hashlib.sha256(image.tobytes()).hexdigest()
    return {"call": called - started, "call_and_png": encoded - started, "pixels": pixels}


def _answer(said: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
