"""A model is checked before anybody is told that it is one."""

from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel

from ml_models.starter import recipe
from ml_models.starter.recipe.held_out import BrokenModelError, check, fidelity
from ml_models.starter.recipe.sample import load

SHIPPED = Path(recipe.__file__).parents[1] / "model"


def test_the_shipped_model_passes():
    assert check(SHIPPED) < 0.5


def test_random_weights_do_not_pass(tmp_path):
    pipeline = load(SHIPPED)
    torch.manual_seed(0)
    pipeline.unet = UNet2DConditionModel.from_config(pipeline.unet.config)
    pipeline.to(torch.float16).save_pretrained(tmp_path)
    with pytest.raises(BrokenModelError, match="learned nothing"):
        check(tmp_path)


def test_a_model_that_is_too_big_does_not_pass(tmp_path):
    (tmp_path / "weights.bin").write_bytes(bytes(25_000_000))
    with pytest.raises(BrokenModelError, match=r"25\.0 MB"):
        check(tmp_path)


def test_the_shipped_autoencoder_keeps_edges():
    kept = fidelity(load(SHIPPED).vae, count=16)
    assert kept.whole > 29
    assert kept.edges > 21


def test_edges_are_harder_to_keep_than_pictures():
    kept = fidelity(load(SHIPPED).vae, count=8)
    assert 15 < kept.edges < kept.whole < 40
