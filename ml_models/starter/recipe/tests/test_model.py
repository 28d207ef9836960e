"""The shipped model loads as it is and paints what it is asked for."""

from pathlib import Path

import numpy as np
import pytest
from diffusers import StableDiffusionInpaintPipeline
from PIL import Image

from ml_models.starter import recipe
from ml_models.starter.recipe.evaluate import CHECKS, image_to_image, inpainting
from ml_models.starter.recipe.sample import PROMPTS, captioned, load, paint, seeds

STARTER = Path(recipe.__file__).parents[1] / "model"


@pytest.fixture(scope="module")
def pipeline():
    return load(STARTER)


def test_a_red_ball_is_red_on_white_and_the_same_for_the_same_seed(pipeline):
    prompt = "a red ball on a white background"
    ball, again = (paint(pipeline, [prompt], first_seed=2)[0] for _ in range(2))
    pixels = np.asarray(ball, int)
    red, green, blue = pixels[112:144, 112:144].mean((0, 1))
    assert red > green + 80
    assert red > blue + 80
    assert pixels[:16, :16].mean() > 220
    assert np.array_equal(pixels, np.asarray(again))


def test_a_picture_is_the_same_in_a_batch_as_alone(pipeline):
    together = paint(pipeline, PROMPTS[:3], first_seed=4)
    alone = [paint(pipeline, [prompt], first_seed=4 + i)[0] for i, prompt in enumerate(PROMPTS[:3])]
    for one, other in zip(together, alone, strict=True):
        assert np.abs(np.asarray(one, int) - np.asarray(other, int)).max() <= 1


def test_a_grid_has_room_for_captions(pipeline):
    pictures = paint(pipeline, PROMPTS[:2], steps=1)
    assert captioned(pictures, PROMPTS[:2], columns=2).size == (512, 270)


@pytest.mark.slow
def test_the_other_pipelines_work_with_it(pipeline, tmp_path):
    image_to_image(pipeline, tmp_path)
    inpainting(pipeline, tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {"image_to_image", "inpainting"}


def test_the_stock_inpainting_class_takes_it(pipeline):
    hills = paint(pipeline, ["green hills"], first_seed=5)[0]
    half = Image.new("L", hills.size, 0)
    half.paste(255, (0, 0, 128, 256))
    inpaint = StableDiffusionInpaintPipeline(**pipeline.components, requires_safety_checker=False)
    made = inpaint(
        "a red ball on green hills",
        image=hills,
        mask_image=half,
        num_inference_steps=8,
        guidance_scale=3.0,
        generator=seeds(5, 1),
    ).images[0]
    change = np.abs(np.asarray(made, int) - np.asarray(hills, int)).mean(-1)
    assert change[:, :112].mean() > 10  # repainted; the other half has passed through the autoencoder only
    assert change[:, 144:].mean() < 6


@pytest.mark.slow
def test_it_follows_colours(pipeline, tmp_path, caplog):
    caplog.set_level("INFO")
    CHECKS["colour"](pipeline, tmp_path)
    right = [int(record.getMessage().split(", ")[1].split()[0]) for record in caplog.records]
    assert sum(right) >= 48
