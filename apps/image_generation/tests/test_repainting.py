"""Painting over a picture with the starter model: against plain diffusers, and with masks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image

from apps.image_generation.engines.batching.pipeline_views import plain_view
from apps.image_generation.engines.opening import open_pipeline
from apps.image_generation.engines.text_to_image import TextToImage
from apps.image_generation.painting import Painting
from apps.image_generation.schedulers import SCHEDULERS
from apps.image_generation.tests.pictures import disc, outside, pixels
from apps.image_generation.tests.test_exactness import NAMES, STARTER, new_engine, paint, paint_together

MASK = disc((256, 256), (60, 70, 200, 220))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    return open_pipeline(STARTER, dtype="float32", variant="", device="cpu")


@pytest.fixture(scope="module")
def painter(pipeline: Any) -> Iterator[TextToImage]:
    engine = new_engine()
    yield TextToImage(pipeline, model="starter", engine=engine, cap=lambda cells: 8)
    engine.close()


@pytest.fixture(scope="module")
def hills(painter: TextToImage) -> Image.Image:
    return paint(painter, Painting("green hills", "", 256, 256, 6, 5.0, seed=5)).image


@pytest.fixture(scope="module")
def kept(pipeline: Any, hills: Image.Image) -> Image.Image:
    """The hills as the autoencoder gives them back."""
    processor = pipeline.image_processor
    with torch.no_grad():
        latents = pipeline.vae.encode(processor.preprocess(hills)).latents
        decoded = pipeline.vae.decode(latents).sample
    picture: Image.Image = processor.postprocess(decoded, output_type="pil")[0]
    return picture


def over(hills: Image.Image, **changes: Any) -> Painting:
    wanted = Painting("a red ball on green hills", "", 256, 256, 8, 5.0, seed=5, picture=hills)
    return replace(wanted, **changes)


def test_alone_it_is_diffusers_bit_for_bit(pipeline: Any, painter: TextToImage, hills: Image.Image) -> None:
    scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    plain = plain_view(pipeline, scheduler, diffusers.StableDiffusionImg2ImgPipeline)(
        "a red ball on green hills",
        image=hills,
        strength=0.6,
        num_inference_steps=8,
        guidance_scale=5.0,
        generator=torch.Generator().manual_seed(5),
    ).images[0]

    assert np.array_equal(pixels(paint(painter, over(hills, strength=0.6)).image), pixels(plain))


@pytest.mark.parametrize("name", [*NAMES, "heun", "pndm", "unipc"])
def test_what_the_mask_does_not_show_is_known_at_every_step_of_every_scheduler(
    painter: TextToImage, hills: Image.Image, kept: Image.Image, name: str
) -> None:
    known = outside(disc((256, 256), (28, 38, 232, 252)))  # the decoder reaches a cell or two further
    masked = paint(painter, over(hills, mask=MASK, scheduler=SCHEDULERS[name])).image
    free = paint(painter, over(hills, scheduler=SCHEDULERS[name])).image

    changed, unmasked, lost = (np.abs(pixels(made) - pixels(hills)) for made in (masked, free, kept))
    assert changed[known].mean() < lost[known].mean() + 1
    assert changed[known].mean() - lost[known].mean() < (unmasked - lost)[known].mean() / 2
    assert changed[~outside(MASK)].mean() > 30


def test_words_pictures_and_masks_share_passes(painter: TextToImage, hills: Image.Image) -> None:
    wanted = [
        over(hills, strength=0.9),
        over(hills, mask=MASK),
        over(hills, picture=None),
        over(hills, mask=MASK, prompt="a cat", strength=0.8),
    ]
    alone = [paint(painter, replace(each, alone=True)) for each in wanted]

    together = paint_together(painter, wanted)

    assert all(one.batched for one in together)
    assert not any(one.batched for one in alone)
    for one, by_itself in zip(together, alone, strict=True):
        assert np.abs(pixels(one.image) - pixels(by_itself.image)).max() <= 1
