"""What a model paints for 24 fixed prompts, as one picture.

python -m ml_models.starter.recipe.sample ml_models/starter/model samples.png
"""

import argparse
import logging
import time
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw, ImageFont

from ml_models.starter.recipe.painter.colours import INK, PURE_WHITE
from ml_models.starter.recipe.painter.pen import PICTURE

log = logging.getLogger(__name__)

PROMPTS = [
    "a cute orange cat on a green hill at sunset",
    "a red ball on a white background",
    "a blue car, city skyline at night",
    "sunset over mountains",
    "a sailboat on the sea",
    "a house in the forest",
    "một con mèo cam dễ thương",
    "hoàng hôn trên núi",
    "a white rabbit in the snow",
    "a robot in a room",
    "a sunflower in a field",
    "a hot air balloon in the sky",
    "a brown dog on the beach",
    "a green cactus in the desert",
    "starry night over a lake",
    "an orange fish underwater",
    "a red apple on a blue background",
    "a cup of coffee",
    "a red heart",
    "a smiling face",
    "a rainbow over green hills",
    "a purple umbrella at the beach",
    "a dog on the left and a tree on the right",
    "a red house and a yellow car",
]
STEPS, GUIDANCE = 15, 3.0
BATCH = 8
CAPTION_HEIGHT = 14


def load(folder: Path, device: str = "cpu") -> StableDiffusionPipeline:
    """The model in float32, without progress bars."""
    pipeline = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32).to(device)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def seeds(first: int, count: int) -> list[torch.Generator]:
    """Generators seeded first, first + 1, ...; on the CPU, so every device starts from the same noise."""
    return [torch.Generator().manual_seed(first + i) for i in range(count)]


def paint(
    pipeline: StableDiffusionPipeline,
    prompts: list[str],
    first_seed: int = 1,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
) -> list[Image.Image]:
    """One 256 x 256 picture for every prompt, each from a seed of its own."""
    pictures: list[Image.Image] = []
    for start in range(0, len(prompts), BATCH):
        some = prompts[start : start + BATCH]
        noise = seeds(first_seed + start, len(some))
        pictures += pipeline(some, num_inference_steps=steps, guidance_scale=guidance, generator=noise).images
    return pictures


def captioned(pictures: list[Image.Image], captions: list[str], columns: int = 6) -> Image.Image:
    """The pictures in a grid with their captions underneath."""
    row_height = PICTURE + CAPTION_HEIGHT
    board = Image.new("RGB", (columns * PICTURE, -(-len(pictures) // columns) * row_height), PURE_WHITE)
    font = _font()
    for i, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = i % columns * PICTURE, i // columns * row_height
        board.paste(picture, (x, y))
        line = Image.new("RGB", (PICTURE - 2, CAPTION_HEIGHT), PURE_WHITE)  # cuts off what is too long
        ImageDraw.Draw(line).text((2, 1), caption, fill=INK, font=font)
        board.paste(line, (x, y + PICTURE))
    return board


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype("DejaVuSans.ttf", 10)  # has the Vietnamese letters that Pillow's own lacks
    except OSError:
        return ImageFont.load_default(10)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Paint a model's 24 fixed prompts.")
    parser.add_argument("model", type=Path, help="diffusers folder")
    parser.add_argument("out", type=Path, help="the picture file to write")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"({STEPS})")
    parser.add_argument("--guidance", type=float, default=GUIDANCE, help=f"({GUIDANCE})")
    parser.add_argument("--seed", type=int, default=1, help="of the first picture (1)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    pipeline = load(options.model, options.device)
    start = time.monotonic()
    pictures = paint(pipeline, PROMPTS, options.seed, options.steps, options.guidance)
    log.info("%d pictures in %.1f s", len(pictures), time.monotonic() - start)
    captioned(pictures, PROMPTS).save(options.out)


if __name__ == "__main__":
    main()
