"""Check a model: speed, samplers, image-to-image, inpainting, and whether it follows colours.

python -m ml_models.starter.recipe.evaluate ml_models/starter/model work --only colour speed
"""

import argparse
import colorsys
import logging
import time
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import (
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
)
from PIL import Image, ImageDraw

from ml_models.starter.recipe.painter.colours import PURE_WHITE, RED
from ml_models.starter.recipe.painter.pen import PICTURE
from ml_models.starter.recipe.sample import GUIDANCE, captioned, load, paint, seeds

log = logging.getLogger(__name__)

# hues in degrees, from and to
HUES = {
    "red": (345, 15),
    "orange": (18, 40),
    "yellow": (42, 62),
    "green": (95, 160),
    "blue": (200, 245),
    "purple": (262, 300),
}
SAMPLERS = {
    "DPM-Solver++": ("DPMSolverMultistepScheduler", {}),
    "DPM-Solver++ Karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "DDIM": ("DDIMScheduler", {}),
    "Euler": ("EulerDiscreteScheduler", {}),
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "UniPC": ("UniPCMultistepScheduler", {}),
}


def speed(pipeline: StableDiffusionPipeline, _out: Path) -> None:
    """Logs the seconds per picture in float32 and bfloat16 at a few step counts."""
    for dtype in (torch.bfloat16, torch.float32):
        pipeline.to(dtype)
        for steps in (8, 15, 20):
            paint(pipeline, ["a cat"], steps=2)  # the first call of a kind is slower
            start = time.monotonic()
            for seed in range(3):
                paint(pipeline, ["a red ball on a white background"], seed, steps)
            log.info("speed: %s, %d steps: %.2f s a picture", dtype, steps, (time.monotonic() - start) / 3)


def samplers(pipeline: StableDiffusionPipeline, out: Path) -> None:
    """Writes samplers.png: two prompts with every sampler."""
    prompts = ["a cute orange cat on a green hill at sunset", "a red ball on a white background"]
    own = pipeline.scheduler
    pictures, names = [], []
    for name, (scheduler, options) in SAMPLERS.items():
        pipeline.scheduler = getattr(diffusers, scheduler).from_config(own.config, **options)
        pictures += paint(pipeline, prompts)
        names += [name] * len(prompts)
    pipeline.scheduler = own
    captioned(pictures, names, columns=4).save(out / "samplers.png")


def image_to_image(pipeline: StableDiffusionPipeline, out: Path) -> None:
    """Writes image_to_image.png: a red disc on its way to a blue ball."""
    disc = Image.new("RGB", (PICTURE, PICTURE), PURE_WHITE)
    ImageDraw.Draw(disc).ellipse((70, 70, 190, 190), fill=RED)
    # from_pipe would drop the autoencoder, because it is a tiny one
    repaint = StableDiffusionImg2ImgPipeline(**pipeline.components, requires_safety_checker=False)
    pictures, names = [disc], ["given"]
    for strength in (0.3, 0.6, 0.8, 0.95):
        pictures += repaint(
            "a blue ball on a white background",
            image=disc,
            strength=strength,
            num_inference_steps=20,
            guidance_scale=GUIDANCE,
            generator=seeds(3, 1),
        ).images
        names.append(f"strength {strength}")
    captioned(pictures, names, columns=5).save(out / "image_to_image.png")


def inpainting(pipeline: StableDiffusionPipeline, out: Path) -> None:
    """Writes inpainting.png and logs by how much the kept part changed."""
    repaint = StableDiffusionInpaintPipeline(**pipeline.components, requires_safety_checker=False)
    hills = paint(pipeline, ["green hills"], first_seed=5)[0]
    mask = Image.new("L", (PICTURE, PICTURE), 0)
    ImageDraw.Draw(mask).ellipse((60, 70, 200, 220), fill=255)
    made = repaint(
        "a red ball on green hills",
        image=hills,
        mask_image=mask,
        strength=1.0,
        num_inference_steps=20,
        guidance_scale=GUIDANCE,
        generator=seeds(5, 1),
    ).images[0]
    change = np.abs(np.asarray(made, int) - np.asarray(hills, int))[np.asarray(mask) == 0].mean()
    log.info("inpainting: mean change outside the mask %.1f of 255", change)
    captioned([hills, mask.convert("RGB"), made], ["given", "mask", "inpainted"], 3).save(
        out / "inpainting.png"
    )


def colour(pipeline: StableDiffusionPipeline, _out: Path) -> None:
    """Logs how many of ten balls of each colour have its hue in their middle."""
    for name in HUES:
        balls = paint(pipeline, [f"a {name} ball on a white background"] * 10, first_seed=100)
        log.info("colour: %s, %d of 10", name, sum(_has_hue(ball, *HUES[name]) for ball in balls))


def _has_hue(picture: Image.Image, low: int, high: int) -> bool:
    middle = np.asarray(picture.crop((96, 96, 160, 160)), float).reshape(-1, 3).mean(0) / 255
    hue, saturation, _ = colorsys.rgb_to_hsv(*middle)
    # red wraps around
    inside = low <= hue * 360 <= high if low < high else not high < hue * 360 < low
    return saturation > 0.25 and inside


CHECKS = {
    "speed": speed,
    "samplers": samplers,
    "image-to-image": image_to_image,
    "inpainting": inpainting,
    "colour": colour,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Check a model.")
    parser.add_argument("model", type=Path, help="diffusers folder")
    parser.add_argument("out", type=Path, help="folder for the pictures that the checks write")
    parser.add_argument("--only", nargs="+", choices=CHECKS, default=list(CHECKS), help="(all)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.out.mkdir(parents=True, exist_ok=True)
    pipeline = load(options.model, options.device)
    for name in options.only:
        CHECKS[name](pipeline, options.out)


if __name__ == "__main__":
    main()
